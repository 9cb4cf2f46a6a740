import type { Gap } from '../api/range-answer.ts'
import type { ChartFrame } from '../charts/chart-frame.ts'

export type Span = readonly [fromMs: number, toMs: number]

/** The stretches of time in which ticks are there, ascending, without overlap. */
export function coveredSpans({ timestampsMs, rows, window }: ChartFrame): Span[] {
  const spans: Span[] = []
  let fromMs: number | undefined
  let toMs = 0
  for (let i = 0; i < rows.length; i++) {
    if ((rows[i] as number) < 0) {
      if (fromMs !== undefined) spans.push([fromMs, toMs])
      fromMs = undefined
      continue
    }
    const timestampMs = timestampsMs[i] as number
    fromMs ??= timestampMs
    toMs = timestampMs + window.stepMs
  }
  if (fromMs !== undefined) spans.push([fromMs, toMs])
  return spans
}

/** How much of a span lies within gaps. Gaps of different runs may overlap in time; that time counts once. */
export function missingMs(gaps: readonly Gap[], [fromMs, toMs]: Span): number {
  let total = 0
  let countedToMs = fromMs
  for (const gap of gaps.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const start = Math.max(gap.fromMs, countedToMs)
    const end = Math.min(gap.toMs, toMs)
    if (end <= start) continue
    total += end - start
    countedToMs = end
  }
  return total
}
