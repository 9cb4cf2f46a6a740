import type { Gap } from './gap.ts'
import { joinNearest } from './join-nearest.ts'

/** Of one answer: more than a chart can show, in about 1 MB of text. */
export const MAX_GAPS = 10_000

/** Gaps are joined when there are so many, so that each is sorted a few times at most. */
const MAX_HELD = 4 * MAX_GAPS

/**
 * Gaps in any order. A gap costs a sender a few bytes, so where there are too many, those that are nearest to each other
 * become one.
 */
export class GapList {
  #gaps: Gap[] = []
  #isTruncated = false

  /** True once gaps were joined that have ticks between them. */
  get isTruncated(): boolean {
    return this.#isTruncated
  }

  push(gap: Gap): void {
    this.#gaps.push(gap)
    if (this.#gaps.length >= MAX_HELD) this.#bound()
  }

  /** Ordered by time; at most MAX_GAPS. */
  finish(): readonly Gap[] {
    this.#bound()
    return this.#gaps
  }

  #bound(): void {
    this.#gaps.sort((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs)
    if (this.#gaps.length <= MAX_GAPS) return
    this.#gaps = joinNearest(this.#gaps, MAX_GAPS, joined)
    this.#isTruncated = true
  }
}

/** Has the run and the cause of the longer one. */
function joined(a: Gap, b: Gap): Gap {
  const { run, cause } = b.toMs - b.fromMs > a.toMs - a.fromMs ? b : a
  const times = { fromMs: a.fromMs, toMs: Math.max(a.toMs, b.toMs) }
  if (a.run !== b.run || a.lo === null || a.hi === null || b.lo === null || b.hi === null) {
    return { run, lo: null, hi: null, ...times, cause }
  }
  return { run, lo: Math.min(a.lo, b.lo), hi: Math.max(a.hi, b.hi), ...times, cause }
}
