import { joinNearest } from './join-nearest.ts'
import type { TimeRange } from './time-range.ts'

interface Segment {
  fromMs: number
  toMs: number
}

/** Where ticks come in no order of time, segments are joined when there are this many, or twice those that are left. */
const FIRST_COMPACTION = 4096

/** Of one run: ticks that are all apart must not fill the memory. More than an answer has gaps. */
const MAX_SEGMENTS = 32_768

/**
 * The time of one run that is accounted for: where ticks are, or where it is known why there are none. Ticks may come
 * in any order of time, as those of version 1 do, and those of a clock that was set back.
 */
export class TimeCoverage {
  /** True once segments were joined that have time between them for which nothing accounts. */
  isTruncated = false
  #segments: Segment[] = []
  #last: Segment | undefined
  #reachMs = 0
  #compactAt = FIRST_COMPACTION

  /**
   * Up to `reachMs` before and after it there need be no other; of several reaches the longest counts. Unix ms, both
   * ends included.
   */
  // Fast path: once a tick.
  add(fromMs: number, toMs: number, reachMs: number): void {
    if (reachMs > this.#reachMs) this.#reachMs = reachMs
    const last = this.#last
    if (last !== undefined && fromMs >= last.fromMs && fromMs <= last.toMs + reachMs) {
      if (toMs > last.toMs) last.toMs = toMs
      return
    }
    if (this.#segments.length >= this.#compactAt) this.#compact()
    this.#last = { fromMs, toMs }
    this.#segments.push(this.#last)
  }

  /** What lies between, ascending: each longer than the reach. Nothing before the first or after the last. */
  uncovered(): TimeRange[] {
    this.#compact()
    return this.#segments
      .slice(1)
      .map(({ fromMs }, i) => ({ fromMs: (this.#segments[i] as Segment).toMs, toMs: fromMs }))
  }

  #compact(): void {
    const joined: Segment[] = []
    for (const segment of this.#segments.sort((a, b) => a.fromMs - b.fromMs)) {
      const last = joined.at(-1)
      if (last !== undefined && segment.fromMs <= last.toMs + this.#reachMs) {
        last.toMs = Math.max(last.toMs, segment.toMs)
        continue
      }
      joined.push(segment)
    }
    this.isTruncated ||= joined.length > MAX_SEGMENTS
    this.#segments = joinNearest(joined, MAX_SEGMENTS, spanOf)
    // It may have been joined to another, which what comes next need not follow.
    this.#last = undefined
    this.#compactAt = Math.max(FIRST_COMPACTION, this.#segments.length * 2)
  }
}

function spanOf(a: Segment, b: Segment): Segment {
  return { fromMs: a.fromMs, toMs: Math.max(a.toMs, b.toMs) }
}
