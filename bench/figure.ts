/** One number that a bench found. */
export interface Figure {
  readonly bench: string
  /** Kebab-case, with the unit in it: `cpu-percent`, `encode-values-per-s`. */
  readonly figure: string
  /** The median of the runs. */
  readonly value: number
  /** For people, behind the value; '' where the figure's name says all. */
  readonly unit: string
  readonly spread: Spread
  /** What it is to reach. */
  readonly target?: Target
}

export interface Spread {
  readonly min: number
  readonly max: number
  readonly runs: number
}

export type Target = { readonly atMost: number } | { readonly atLeast: number }

export interface BenchOptions {
  /** Nothing but figures may go to stdout. */
  readonly json: boolean
  /** Measures the programs of peers beside ours, the same way. */
  readonly peer: boolean
  /** How long a bench that watches a process does so; undefined leaves it to the bench. */
  readonly seconds?: number
}

export type Bench = (options: BenchOptions) => Promise<Figure[]>

/** Sums up runs of the same thing: median, least and most. Throws if there are none. */
export function figureOf(
  bench: string,
  figure: string,
  runs: readonly number[],
  unit: string,
  target?: Target,
): Figure {
  const sorted = runs.toSorted((a, b) => a - b)
  const min = sorted[0]
  const max = sorted.at(-1)
  if (min === undefined || max === undefined) throw new Error(`BUG: ${bench} ${figure} has no runs`)
  const spread: Spread = { min, max, runs: sorted.length }
  return { bench, figure, value: quantile(sorted, 0.5), unit, spread, ...(target === undefined ? {} : { target }) }
}

/** Of numbers in ascending order, one at least; between two of them, their weighted mean. */
export function quantile(sorted: readonly number[], q: number): number {
  const place = (sorted.length - 1) * q
  const below = sorted[Math.floor(place)] as number
  const above = sorted[Math.ceil(place)] as number
  return below + (above - below) * (place - Math.floor(place))
}

export function meetsTarget({ value, target }: Figure): boolean {
  if (target === undefined) return true
  return 'atMost' in target ? value <= target.atMost : value >= target.atLeast
}
