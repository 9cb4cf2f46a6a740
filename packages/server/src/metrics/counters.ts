/** What one metric is. `label` splits a counter or gauge by one thing, such as a cause. */
export type MetricRow =
  | { readonly kind: 'counter' | 'gauge'; readonly name: string; readonly help: string; readonly label?: string }
  /** `buckets`: upper bounds, ascending, in the unit of the name; the one without a bound is added. */
  | { readonly kind: 'histogram'; readonly name: string; readonly help: string; readonly buckets: readonly number[] }

export type MetricTable = Readonly<Record<string, MetricRow>>

/** The counters of a table, under the same keys. */
export type Counters<T extends MetricTable> = {
  readonly [K in keyof T]: T[K] extends { readonly buckets: readonly number[] }
    ? Histogram
    : T[K] extends { readonly label: string }
      ? LabelledCounter
      : Counter
}

/** One number. Counting is an addition to a property; a gauge is set or moved in the same way. */
export interface Counter {
  value: number
}

/** Label values come from our own catalogues, but a forgotten bound must not become a leak. */
const MAX_LABEL_VALUES = 64

/** One number a value of its label. */
export class LabelledCounter {
  readonly #byValue = new Map<string, Counter>()

  /** The number of one label value. Keep it where counting is hot. Past 64 values all others share 'other'. */
  of(labelValue: string): Counter {
    const known = this.#byValue.get(labelValue)
    if (known !== undefined) return known
    if (this.#byValue.size >= MAX_LABEL_VALUES && labelValue !== 'other') return this.of('other')
    const made = { value: 0 }
    this.#byValue.set(labelValue, made)
    return made
  }

  add(labelValue: string, count = 1): void {
    this.of(labelValue).value += count
  }

  entries(): IterableIterator<[string, Counter]> {
    return this.#byValue.entries()
  }
}

/** How measured values are spread over buckets. */
export class Histogram {
  readonly bounds: Float64Array
  /** One entry a bound and one for what is over the last; not cumulative. */
  readonly counts: Float64Array
  sum = 0

  constructor(bounds: readonly number[]) {
    this.bounds = Float64Array.from(bounds)
    this.counts = new Float64Array(bounds.length + 1)
  }

  observe(value: number): void {
    let bucket = 0
    while (bucket < this.bounds.length && value > (this.bounds[bucket] as number)) bucket++
    this.counts[bucket] = (this.counts[bucket] as number) + 1
    this.sum += value
  }
}

export function createCounters<const T extends MetricTable>(table: T): Counters<T> {
  const made = Object.entries(table).map(([key, row]) => [key, createOne(row)] as const)
  return Object.fromEntries(made) as Counters<T>
}

function createOne(row: MetricRow): Counter | LabelledCounter | Histogram {
  if (row.kind === 'histogram') return new Histogram(row.buckets)
  return row.label === undefined ? { value: 0 } : new LabelledCounter()
}
