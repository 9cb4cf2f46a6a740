import type { SeriesWindow } from '../state/series-window.ts'
import type { PlannedLine } from './chart-plan.ts'

/** A rate over more than so many steps would bridge a hole. */
const MAX_STEPS_OF_RATE = 2.5

/**
 * Change per second of a counter between each row and the row before. NaN at the first row, where either total is
 * missing, across a hole, and where the counter went backwards (it was reset, and nobody knows from where).
 * All arrays have the length of `out`.
 */
export function ratesOf(
  timestampsMs: Float64Array,
  totals: Float64Array,
  stepMs: number,
  out: Float64Array,
): Float64Array {
  let previousMs = Number.NaN
  let previous = Number.NaN
  for (let row = 0; row < out.length; row++) {
    const timestampMs = timestampsMs[row] as number
    const total = totals[row] as number
    const elapsedMs = timestampMs - previousMs
    const usable = elapsedMs > 0 && elapsedMs <= stepMs * MAX_STEPS_OF_RATE && total >= previous
    out[row] = usable ? ((total - previous) * 1000) / elapsedMs : Number.NaN
    previousMs = timestampMs
    previous = total
  }
  return out
}

/** The line's value in each row of the window, in its display unit, NaN for none. Mirroring is left to the drawing. */
export function lineValues(line: PlannedLine, window: SeriesWindow): Float64Array {
  const rows = window.end - window.start
  const total = new Float64Array(rows).fill(Number.NaN)
  for (const name of line.sum) accumulate(total, read(line, window, name))
  if (line.minus !== undefined) {
    const less = read(line, window, line.minus)
    for (let row = 0; row < rows; row++) total[row] = (total[row] as number) - (less?.[row] ?? Number.NaN)
  }
  if (line.over !== undefined) {
    const divisor = read(line, window, line.over)
    for (let row = 0; row < rows; row++) total[row] = (total[row] as number) / (divisor?.[row] || Number.NaN)
  }
  if (line.scale !== 1) for (let row = 0; row < rows; row++) total[row] = (total[row] as number) * line.scale
  return total
}

/** The lowest and highest value within each row's step, where the window is reduced and the line is one gauge. */
export function lineExtremes(
  line: PlannedLine,
  window: SeriesWindow,
): { min: Float64Array; max: Float64Array } | undefined {
  if (!window.reduced || line.rate || line.sum.length !== 1 || line.minus !== undefined || line.over !== undefined)
    return undefined
  const column = window.columns.get(line.sum[0] as string)
  if (column?.min === undefined || column.max === undefined) return undefined
  return { min: column.min.subarray(window.start, window.end), max: column.max.subarray(window.start, window.end) }
}

function read(line: PlannedLine, window: SeriesWindow, name: string): Float64Array | undefined {
  const values = window.columns.get(name)?.values.subarray(window.start, window.end)
  if (values === undefined || !line.rate) return values
  const timestampsMs = window.timestampsMs.subarray(window.start, window.end)
  return ratesOf(timestampsMs, values, window.stepMs, new Float64Array(values.length))
}

/** A missing summand counts as nothing as long as another one is there. */
function accumulate(total: Float64Array, values: Float64Array | undefined): void {
  if (values === undefined) return
  for (let row = 0; row < total.length; row++) {
    const value = values[row] as number
    if (Number.isNaN(value)) continue
    const before = total[row] as number
    total[row] = Number.isNaN(before) ? value : before + value
  }
}
