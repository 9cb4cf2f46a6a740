import type { Series } from '@godwit/protocol'
import type { NullableColumn, RangeAnswer } from '../api/range-answer.ts'

/** One series of a window. Values are NaN where there is none. min and max exist where rows stand for more than a second. */
export interface Column {
  readonly name: string
  readonly kind: 'gauge' | 'counter'
  values: Float64Array
  min: Float64Array | undefined
  max: Float64Array | undefined
}

/** 'appended': at the end. 'known': the row is there. 'late': before the end, so the range must be asked for again. */
export type FoldResult = 'appended' | 'known' | 'late'

const SPARE_ROWS = 512

/**
 * The visible range of one collector as columns. Rows [start, end) are in use; live ticks are folded in behind them, and
 * rows that left the range are given up in front. A row stands for `stepMs`.
 */
export class SeriesWindow {
  readonly stepMs: number
  /** Rows are means over more than one tick. */
  readonly reduced: boolean
  readonly columns: Map<string, Column> = new Map()
  timestampsMs: Float64Array
  start = 0
  end: number
  #lastFoldedMs: number
  /** Ticks in the last row, for its running mean. */
  #ticksInLastRow: number
  #mappedSeries: readonly Series[] | undefined
  #mappedColumns: Column[] = []

  constructor(answer: RangeAnswer) {
    const rows = filledRows(answer)
    this.stepMs = answer.stepMs
    this.end = rows.length
    this.timestampsMs = this.#columnOf(answer.timestampsMs, rows)
    this.reduced = Object.values(answer.series).some((series) => series.value === undefined)
    for (const [name, series] of Object.entries(answer.series)) {
      const values = series.value ?? series.mean
      this.columns.set(name, {
        name,
        kind: series.kind,
        values: this.#columnOf(values, rows),
        min: this.reduced ? this.#columnOf(series.min ?? values, rows) : undefined,
        max: this.reduced ? this.#columnOf(series.max ?? values, rows) : undefined,
      })
    }
    this.#lastFoldedMs = this.end === 0 ? Number.NEGATIVE_INFINITY : (this.timestampsMs[this.end - 1] as number)
    this.#ticksInLastRow = this.reduced ? Math.max(1, Math.round(this.stepMs / 2000)) : 1
  }

  /** Unix ms of the last row; undefined in an empty window. */
  get lastMs(): number | undefined {
    return this.end > this.start ? this.timestampsMs[this.end - 1] : undefined
  }

  /** The value of a series in the last row, the highest where it stands for more than a tick. */
  lastOf(name: string): number | undefined {
    const column = this.columns.get(name)
    return this.lastMs === undefined ? undefined : (column?.max ?? column?.values)?.[this.end - 1]
  }

  /** Whether all values of a series are zero; undefined without any. */
  isZero(name: string): boolean | undefined {
    const values = this.columns.get(name)?.values.subarray(this.start, this.end)
    const known = values?.filter((value) => !Number.isNaN(value)) ?? []
    return known.length === 0 ? undefined : known.every((value) => value === 0)
  }

  /** Takes in one live tick. `values` is aligned with `series`. */
  fold(wallMs: number, series: readonly Series[], values: Float64Array): FoldResult {
    if (wallMs <= this.#lastFoldedMs) return this.#has(wallMs) ? 'known' : 'late'
    this.#lastFoldedMs = wallMs
    const lastMs = this.lastMs
    if (lastMs !== undefined && this.reduced && wallMs < lastMs + this.stepMs) {
      this.#foldIntoLastRow(series, values)
      return 'appended'
    }
    // Steps are counted from the rows that the server made, so that live rows fall onto the same grid.
    const grid =
      lastMs === undefined || !this.reduced
        ? wallMs
        : lastMs + Math.floor((wallMs - lastMs) / this.stepMs) * this.stepMs
    this.#append(grid, series, values)
    return 'appended'
  }

  /** Gives up the rows before `fromMs`, but for one: lines run in from outside the chart. */
  dropBefore(fromMs: number): void {
    while (this.end - this.start > 1 && (this.timestampsMs[this.start + 1] as number) < fromMs) this.start++
  }

  #foldIntoLastRow(series: readonly Series[], values: Float64Array): void {
    const row = this.end - 1
    const count = ++this.#ticksInLastRow
    this.#map(series).forEach((column, i) => {
      const value = values[i] as number
      if (Number.isNaN(value)) return
      const before = column.values[row] as number
      const isFirst = Number.isNaN(before)
      column.values[row] = column.kind === 'counter' || isFirst ? value : before + (value - before) / count
      if (column.min !== undefined) column.min[row] = isFirst ? value : Math.min(column.min[row] as number, value)
      if (column.max !== undefined) column.max[row] = isFirst ? value : Math.max(column.max[row] as number, value)
    })
  }

  #append(timestampMs: number, series: readonly Series[], values: Float64Array): void {
    if (this.end === this.timestampsMs.length) this.#makeRoom()
    const row = this.end++
    this.timestampsMs[row] = timestampMs
    this.#ticksInLastRow = 1
    const columns = this.#map(series)
    for (const column of this.columns.values()) setRow(column, row, Number.NaN)
    for (let i = 0; i < columns.length; i++) setRow(columns[i] as Column, row, values[i] as number)
  }

  /** The columns of a schema's series, in its order; made anew when the schema changes. */
  #map(series: readonly Series[]): Column[] {
    if (series === this.#mappedSeries) return this.#mappedColumns
    this.#mappedSeries = series
    this.#mappedColumns = series.map(({ name, kind }) => {
      const known = this.columns.get(name)
      if (known !== undefined) return known
      const empty = (): Float64Array => new Float64Array(this.timestampsMs.length).fill(Number.NaN)
      const column = {
        name,
        kind,
        values: empty(),
        min: this.reduced ? empty() : undefined,
        max: this.reduced ? empty() : undefined,
      }
      this.columns.set(name, column)
      return column
    })
    return this.#mappedColumns
  }

  /** Moves the rows to the front where enough were given up, and into larger arrays otherwise. */
  #makeRoom(): void {
    const capacity = this.end - this.start + SPARE_ROWS
    const move = (from: Float64Array): Float64Array => {
      const to = new Float64Array(capacity)
      to.set(from.subarray(this.start, this.end))
      return to
    }
    this.timestampsMs = move(this.timestampsMs)
    for (const column of this.columns.values()) {
      column.values = move(column.values)
      if (column.min !== undefined) column.min = move(column.min)
      if (column.max !== undefined) column.max = move(column.max)
    }
    this.end -= this.start
    this.start = 0
  }

  #has(wallMs: number): boolean {
    let low = this.start
    let high = this.end
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.timestampsMs[middle] as number) < wallMs - this.stepMs / 2) low = middle + 1
      else high = middle
    }
    // Before the first row nothing is shown, so nothing is missing there.
    if (low === this.start) return true
    return low < this.end && (this.timestampsMs[low] as number) <= wallMs + this.stepMs / 2
  }

  #columnOf(values: NullableColumn | undefined, rows: readonly number[]): Float64Array {
    const column = new Float64Array(rows.length + SPARE_ROWS).fill(Number.NaN)
    rows.forEach((row, i) => {
      column[i] = values?.[row] ?? Number.NaN
    })
    return column
  }
}

/** Rows in which some series has a value. The server puts empty ones into holes, which here are told by the time between rows. */
function filledRows({ timestampsMs, series }: RangeAnswer): number[] {
  const columns = Object.values(series).map(({ value, mean }) => value ?? mean ?? [])
  return Array.from(timestampsMs.keys()).filter((row) => columns.some((column) => (column[row] ?? null) !== null))
}

function setRow(column: Column, row: number, value: number): void {
  column.values[row] = value
  if (column.min !== undefined) column.min[row] = value
  if (column.max !== undefined) column.max[row] = value
}
