import type { DecodableSchema, Series, TickDecoder } from '@godwit/protocol'
import type { SeriesPlaces, SeriesSelection } from './series-selection.ts'

/** One number a bucket, NaN where the bucket has no value of the series. */
export interface ReducedSeries {
  readonly series: Series
  /** Of a counter: its last total. */
  readonly mean: Float64Array
  readonly min: Float64Array
  readonly max: Float64Array
}

interface Column {
  readonly count: Uint32Array
  /** Of a counter: its last total. */
  readonly sum: Float64Array
  readonly min: Float64Array
  readonly max: Float64Array
}

/**
 * Reduces ticks to equal buckets of time. Ticks may come in any order; of counters, the last one of a bucket is the one
 * that came last.
 */
export class BucketColumns {
  readonly #selection: SeriesSelection
  readonly #startMs: number
  readonly #stepMs: number
  readonly #buckets: number
  readonly #columns: Column[] = []
  #schema: DecodableSchema | undefined
  #places: SeriesPlaces = { places: new Int32Array(0), columns: new Int32Array(0) }
  /** What the current bucket holds of each place, until it is flushed to the columns. */
  #bucket = -1
  #sum = new Float64Array(0)
  #count = new Uint32Array(0)
  #min = new Float64Array(0)
  #max = new Float64Array(0)
  #last = new Float64Array(0)

  constructor(selection: SeriesSelection, startMs: number, stepMs: number, buckets: number) {
    this.#selection = selection
    this.#startMs = startMs
    this.#stepMs = stepMs
    this.#buckets = buckets
  }

  /** The tick's wall time must be within the buckets. */
  // Fast path: once a tick, and its loop once a value.
  add(tick: TickDecoder): void {
    if (tick.schema !== this.#schema) this.#use(tick.schema)
    const bucket = Math.floor((tick.wallMs - this.#startMs) / this.#stepMs)
    if (bucket !== this.#bucket) {
      this.#flush()
      this.#bucket = bucket
    }
    const { values } = tick
    const { places } = this.#places
    const sum = this.#sum
    const count = this.#count
    const min = this.#min
    const max = this.#max
    const last = this.#last
    for (let i = 0; i < places.length; i++) {
      const value = values[places[i] as number] as number
      if (Number.isNaN(value)) continue
      sum[i] = (sum[i] as number) + value
      count[i] = (count[i] as number) + 1
      if (value < (min[i] as number)) min[i] = value
      if (value > (max[i] as number)) max[i] = value
      last[i] = value
    }
  }

  /** One entry a column of the selection. To be called once, after the last tick. */
  finish(): ReducedSeries[] {
    this.#flush()
    return this.#selection.series.map((series, i) => {
      const { count, sum, min, max } = this.#column(i)
      const mean = series.kind === 'counter' ? sum : sum.map((total, bucket) => total / (count[bucket] as number))
      for (let bucket = 0; bucket < this.#buckets; bucket++) {
        if (count[bucket] === 0) mean[bucket] = min[bucket] = max[bucket] = Number.NaN
      }
      return { series, mean, min, max }
    })
  }

  #use(schema: DecodableSchema | undefined): void {
    if (schema === undefined) throw new Error('BUG: a decoded tick has a schema')
    this.#flush()
    this.#schema = schema
    this.#places = this.#selection.placesOf(schema)
    const { length } = this.#places.places
    this.#sum = new Float64Array(length)
    this.#count = new Uint32Array(length)
    this.#min = new Float64Array(length).fill(Number.POSITIVE_INFINITY)
    this.#max = new Float64Array(length).fill(Number.NEGATIVE_INFINITY)
    this.#last = new Float64Array(length)
  }

  #flush(): void {
    const bucket = this.#bucket
    const { columns } = this.#places
    for (let i = 0; i < columns.length; i++) {
      if (this.#count[i] === 0) continue
      const index = columns[i] as number
      const { count, sum, min, max } = this.#column(index)
      const isCounter = this.#selection.series[index]?.kind === 'counter'
      count[bucket] = (count[bucket] as number) + (this.#count[i] as number)
      sum[bucket] = isCounter ? (this.#last[i] as number) : (sum[bucket] as number) + (this.#sum[i] as number)
      min[bucket] = Math.min(min[bucket] as number, this.#min[i] as number)
      max[bucket] = Math.max(max[bucket] as number, this.#max[i] as number)
    }
    this.#sum.fill(0)
    this.#count.fill(0)
    this.#min.fill(Number.POSITIVE_INFINITY)
    this.#max.fill(Number.NEGATIVE_INFINITY)
  }

  #column(index: number): Column {
    const known = this.#columns[index]
    if (known !== undefined) return known
    const column = {
      count: new Uint32Array(this.#buckets),
      sum: new Float64Array(this.#buckets),
      min: new Float64Array(this.#buckets).fill(Number.POSITIVE_INFINITY),
      max: new Float64Array(this.#buckets).fill(Number.NEGATIVE_INFINITY),
    }
    this.#columns[index] = column
    return column
  }
}
