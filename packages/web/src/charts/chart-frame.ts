import type { SeriesWindow } from '../state/series-window.ts'
import type { ChartPlan } from './chart-plan.ts'
import { lineExtremes, lineValues } from './line-values.ts'

/** Rows farther apart than so many steps have a hole between them. */
const HOLE_STEPS = 1.75
/** More lines than this with a band each are mud. */
const MAX_BANDED_LINES = 4

export type DrawnColumn = (number | null)[]

/**
 * The rows that all charts draw: those of the window, and two without values in each hole, so that lines break there and
 * a cursor within the hole finds nothing rather than the nearest value.
 */
export interface ChartFrame {
  readonly window: SeriesWindow
  /** Unix ms, ascending. */
  readonly timestampsMs: number[]
  /** Row of the window, counted from its start; -1 in a hole. */
  readonly rows: Int32Array
}

export interface ChartData {
  /** What the canvas shows: stacked, mirrored. One column a line, then a min and a max column for each banded line. */
  readonly drawn: DrawnColumn[]
  /** What the legend tells: one column a line. */
  readonly told: DrawnColumn[]
}

export function frameOf(window: SeriesWindow): ChartFrame {
  const timestampsMs: number[] = []
  const rows: number[] = []
  const edgeMs = window.stepMs * 0.75
  let previousMs = Number.POSITIVE_INFINITY
  for (let row = window.start; row < window.end; row++) {
    const timestampMs = window.timestampsMs[row] as number
    if (timestampMs - previousMs > window.stepMs * HOLE_STEPS) {
      timestampsMs.push(previousMs + edgeMs, timestampMs - edgeMs)
      rows.push(-1, -1)
    }
    timestampsMs.push(timestampMs)
    rows.push(row - window.start)
    previousMs = timestampMs
  }
  return { window, timestampsMs, rows: Int32Array.from(rows) }
}

/** `nearest`, the row nearest to a time, unless there is nothing at that time: before the first row, or after the last one. */
export function rowUnder(frame: ChartFrame, nearest: number | null | undefined, timestampMs: number): number | null {
  const rowMs = frame.timestampsMs[nearest ?? -1]
  if (rowMs === undefined || Math.abs(timestampMs - rowMs) > frame.window.stepMs * HOLE_STEPS) return null
  return nearest ?? null
}

export function hasBands(plan: ChartPlan, window: SeriesWindow): boolean {
  return (
    window.reduced &&
    plan.draw === 'lines' &&
    plan.lines.length <= MAX_BANDED_LINES &&
    plan.lines.some((line) => !line.rate)
  )
}

/** The columns of one chart. With bands, a line without extremes gets its own values as both. */
export function chartDataOf(plan: ChartPlan, frame: ChartFrame): ChartData {
  const values = plan.lines.map((line) => lineValues(line, frame.window))
  const told = values.map((column) => pick(column, frame.rows, 1))
  if (plan.draw === 'stack') return { drawn: stacked(told), told }
  const drawn = plan.lines.map((line, i) =>
    line.mirrored ? pick(values[i] as Float64Array, frame.rows, -1) : (told[i] as DrawnColumn),
  )
  if (!hasBands(plan, frame.window)) return { drawn, told }
  for (const [i, line] of plan.lines.entries()) {
    const extremes = lineExtremes(line, frame.window)
    drawn.push(extremes === undefined ? (drawn[i] as DrawnColumn) : pick(extremes.min, frame.rows, 1))
    drawn.push(extremes === undefined ? (drawn[i] as DrawnColumn) : pick(extremes.max, frame.rows, 1))
  }
  return { drawn, told }
}

/** Each column plus those before it; a missing layer has no height, and a row without any layer is a gap. */
function stacked(columns: readonly DrawnColumn[]): DrawnColumn[] {
  const rows = columns[0]?.length ?? 0
  const below = new Float64Array(rows)
  const empty = Uint8Array.from({ length: rows }, (_, row) => (columns.every((column) => column[row] === null) ? 1 : 0))
  return columns.map((column) => {
    const sums: DrawnColumn = new Array(rows)
    for (let row = 0; row < rows; row++) {
      below[row] = (below[row] as number) + (column[row] ?? 0)
      sums[row] = empty[row] === 1 ? null : (below[row] as number)
    }
    return sums
  })
}

function pick(values: Float64Array, rows: Int32Array, sign: 1 | -1): DrawnColumn {
  const picked: DrawnColumn = new Array(rows.length)
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number
    const value = row < 0 ? Number.NaN : (values[row] as number)
    picked[i] = Number.isNaN(value) ? null : sign * value
  }
  return picked
}
