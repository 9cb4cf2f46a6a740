import type { Series } from '@godwit/protocol'
import { ServerError } from '../errors.ts'
import type { KnownSeries } from '../store/store-reader.ts'

/** Which places of a schema's values go to which columns of the answer; of equal length. */
export interface SeriesPlaces {
  readonly places: Int32Array
  readonly columns: Int32Array
}

/**
 * The series that a query asks for, as columns in the order in which they are met. A collector's series change with its
 * schema: the columns are the union.
 */
export class SeriesSelection {
  /** One a column. */
  readonly series: Series[] = []
  /** How many columns there can be at most; at least 1, to divide by. */
  readonly maxColumns: number
  readonly #names: ReadonlySet<string> | undefined
  readonly #columnOf = new Map<string, number>()
  readonly #isComplete: boolean

  /**
   * `names`: whole names of series, or of a metric to have all of its series; undefined for all. A series named in whole
   * has a column even if the range does not hold it. Throws SERIES_UNKNOWN.
   */
  constructor(names: readonly string[] | undefined, { byName: known, isComplete }: KnownSeries) {
    this.#isComplete = isComplete
    this.#names = names === undefined ? undefined : new Set(names)
    if (isComplete) for (const name of this.#names ?? []) checkKnown(name, known)
    const wanted = known.values().filter((one) => this.#wants(one))
    this.maxColumns = Math.max(
      1,
      wanted.reduce((count) => count + 1, 0),
    )
    for (const name of this.#names ?? []) {
      const series = known.get(name)
      if (series !== undefined) this.#columnFor(series)
    }
  }

  /** Adds columns for the series that the schema is the first to have. */
  placesOf(schema: { readonly series: readonly Series[] }): SeriesPlaces {
    const places: number[] = []
    const columns: number[] = []
    for (const [place, series] of schema.series.entries()) {
      if (!this.#wants(series)) continue
      places.push(place)
      columns.push(this.#columnFor(series))
    }
    return { places: Int32Array.from(places), columns: Int32Array.from(columns) }
  }

  #wants({ name }: Series): boolean {
    return this.#names === undefined || this.#names.has(name) || this.#names.has(metricOf(name))
  }

  #columnFor(series: Series): number {
    const known = this.#columnOf.get(series.name)
    if (known !== undefined) return known
    // With all series known it is not reached; else it bounds the answer's memory.
    if (!this.#isComplete && this.series.length >= this.maxColumns) throw tooMany()
    const column = this.series.push(series) - 1
    this.#columnOf.set(series.name, column)
    return column
  }
}

function tooMany(): ServerError {
  const hint = 'name fewer series or a shorter range'
  return new ServerError('RANGE_INVALID', { what: 'the range holds more series than one answer can', hint })
}

function metricOf(name: string): string {
  const brace = name.indexOf('{')
  return brace === -1 ? name : name.slice(0, brace)
}

function checkKnown(name: string, known: ReadonlyMap<string, Series>): void {
  if (known.has(name)) return
  const metrics = new Set(known.keys().map(metricOf))
  if (metrics.has(name)) return
  const candidates = new Set([...known.keys(), ...metrics])
  const nearest = nearestOf(name, candidates)
  const hint = nearest === undefined ? 'nothing is stored of this collector' : `did you mean ${nearest}?`
  throw new ServerError('SERIES_UNKNOWN', {
    op: 'select series',
    what: `the collector has no series ${clipped(name)}`,
    hint,
  })
}

const SHOWN_CHARS = 255
/** Each is compared letter by letter. */
const MAX_CANDIDATES = 2000

function clipped(name: string): string {
  return name.slice(0, SHOWN_CHARS)
}

function nearestOf(name: string, candidates: Iterable<string>): string | undefined {
  let nearest: string | undefined
  let least = Number.POSITIVE_INFINITY
  for (const candidate of Iterator.from(candidates).take(MAX_CANDIDATES)) {
    const distance = editDistance(clipped(name), candidate)
    if (distance >= least) continue
    nearest = candidate
    least = distance
  }
  return nearest
}

/** How many letters must be put in, taken out or changed (Wagner and Fischer, 1974). */
function editDistance(a: string, b: string): number {
  let row = Uint16Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = new Uint16Array(b.length + 1)
    next[0] = i
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next[j] = Math.min(changed, (row[j] as number) + 1, (next[j - 1] as number) + 1)
    }
    row = next
  }
  return row[b.length] as number
}
