import type { DecodableSchema, Series, TickDecoder } from '@godwit/protocol'
import { V1_RUN } from '../store/v1-schema.ts'
import { APART_INTERVALS } from './apart.ts'
import type { SeriesPlaces, SeriesSelection } from './series-selection.ts'

/** One number a tick, NaN for none. */
export interface ExactSeries {
  readonly series: Series
  readonly value: Float64Array
}

export interface ExactColumns {
  /** Ascending. */
  readonly timestampsMs: Float64Array
  readonly columns: readonly ExactSeries[]
}

const FIRST_CAPACITY = 256
/** Stands among the rows where ticks are apart. */
const NO_ROW = 0xffffffff

/** Collects ticks as they are, one row a tick. */
export class TickColumns {
  readonly #selection: SeriesSelection
  readonly #v1IntervalMs: number
  #columns: Float64Array[] = []
  #wallMs = new Float64Array(FIRST_CAPACITY)
  #intervalMs = new Float64Array(FIRST_CAPACITY)
  #rows = 0
  #schema: DecodableSchema | undefined
  #places: SeriesPlaces = { places: new Int32Array(0), columns: new Int32Array(0) }

  /** `v1IntervalMs`: what version 1 ticks do not tell. */
  constructor(selection: SeriesSelection, v1IntervalMs: number) {
    this.#selection = selection
    this.#v1IntervalMs = v1IntervalMs
  }

  get rows(): number {
    return this.#rows
  }

  /** What the tick added last said, ms; 0 before the first. */
  get intervalMs(): number {
    return this.#rows === 0 ? 0 : (this.#intervalMs[this.#rows - 1] as number)
  }

  add(tick: TickDecoder): void {
    if (this.#rows === this.#wallMs.length) this.#grow()
    if (tick.schema !== this.#schema) this.#use(tick.schema)
    const { places, columns } = this.#places
    const row = this.#rows++
    this.#wallMs[row] = tick.wallMs
    this.#intervalMs[row] = tick.run === V1_RUN ? this.#v1IntervalMs : tick.intervalMs
    for (let i = 0; i < places.length; i++) {
      const column = this.#columns[columns[i] as number] as Float64Array
      column[row] = tick.values[places[i] as number] as number
    }
  }

  /**
   * All rows by wall time. Between two that are over 1.5 intervals apart stands one of none, in the middle: there a
   * chart breaks.
   */
  finish(): ExactColumns {
    this.#cover()
    const order = this.#brokenOrder()
    const timestampsMs = new Float64Array(order.length)
    for (let i = 0; i < order.length; i++) {
      const row = order[i] as number
      timestampsMs[i] = row === NO_ROW ? this.#middle(order[i - 1] as number, order[i + 1] as number) : this.#wall(row)
    }
    const columns = this.#selection.series.map((series, c) => {
      const column = this.#columns[c] as Float64Array
      const value = new Float64Array(order.length)
      for (let i = 0; i < order.length; i++) {
        const row = order[i] as number
        value[i] = row === NO_ROW ? Number.NaN : (column[row] as number)
      }
      return { series, value }
    })
    return { timestampsMs, columns }
  }

  #brokenOrder(): Uint32Array {
    const sorted = this.#sortedRows()
    const order = new Uint32Array(sorted.length * 2)
    let length = 0
    for (let i = 0; i < sorted.length; i++) {
      const row = sorted[i] as number
      if (i > 0 && this.#areApart(sorted[i - 1] as number, row)) order[length++] = NO_ROW
      order[length++] = row
    }
    return order.subarray(0, length)
  }

  #sortedRows(): Uint32Array {
    const rows = Uint32Array.from({ length: this.#rows }, (_, row) => row)
    for (let row = 1; row < this.#rows; row++) {
      if (this.#wall(row) < this.#wall(row - 1)) return rows.sort((a, b) => this.#wall(a) - this.#wall(b) || a - b)
    }
    return rows
  }

  #areApart(row: number, next: number): boolean {
    const intervalMs = Math.max(this.#intervalMs[row] as number, this.#intervalMs[next] as number)
    return this.#wall(next) - this.#wall(row) > APART_INTERVALS * intervalMs
  }

  #middle(row: number, next: number): number {
    return Math.round((this.#wall(row) + this.#wall(next)) / 2)
  }

  #wall(row: number): number {
    return this.#wallMs[row] as number
  }

  #use(schema: DecodableSchema | undefined): void {
    if (schema === undefined) throw new Error('BUG: a decoded tick has a schema')
    this.#schema = schema
    this.#places = this.#selection.placesOf(schema)
    this.#cover()
  }

  /** Makes a column for each that the selection has by now. */
  #cover(): void {
    while (this.#columns.length < this.#selection.series.length) {
      this.#columns.push(new Float64Array(this.#wallMs.length).fill(Number.NaN))
    }
  }

  #grow(): void {
    this.#wallMs = doubled(this.#wallMs)
    this.#intervalMs = doubled(this.#intervalMs)
    this.#columns = this.#columns.map(doubled)
  }
}

function doubled(column: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(column.length * 2).fill(Number.NaN, column.length)
  larger.set(column)
  return larger
}
