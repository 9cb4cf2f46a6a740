/** One row of the have table: ticks lo..hi, both included, are stored. `id` is 0 until it is in the table. */
export interface HaveInterval {
  id: number
  lo: number
  hi: number
}

/** What adding ticks changed, for the one who keeps the table. */
export interface HaveChange {
  /** The interval that grew or was made. */
  readonly interval: HaveInterval
  /** Intervals that it swallowed. */
  readonly swallowed: readonly HaveInterval[]
}

const NOTHING: readonly HaveInterval[] = []

/** The merged intervals of one run, ordered by lo; neither touching nor overlapping. */
export class RunHave {
  readonly intervals: HaveInterval[]

  constructor(intervals: HaveInterval[]) {
    this.intervals = intervals
  }

  /** The parts of lo..hi that are not had, in order. */
  missing(lo: number, hi: number): { lo: number; hi: number }[] {
    const parts: { lo: number; hi: number }[] = []
    let from = lo
    for (let at = this.#firstReaching(lo); at < this.intervals.length; at++) {
      const interval = this.intervals[at] as HaveInterval
      if (interval.lo > hi) break
      if (interval.lo > from) parts.push({ lo: from, hi: interval.lo - 1 })
      from = interval.hi + 1
    }
    if (from <= hi) parts.push({ lo: from, hi })
    return parts
  }

  /** True if lo..hi touches nothing that is had, so that adding it makes one more interval. */
  isApart(lo: number, hi: number): boolean {
    const next = this.intervals[this.#firstReaching(lo - 1)]
    return next === undefined || next.lo > hi + 1
  }

  /** True if nothing from `lo` on is had: nearly always so. */
  isBeyond(lo: number): boolean {
    const last = this.intervals.at(-1)
    return last === undefined || lo > last.hi
  }

  /** Adds lo..hi, of which nothing may be had yet. */
  add(lo: number, hi: number): HaveChange {
    const last = this.intervals.at(-1)
    // Fast path: a run goes on where it was.
    if (last !== undefined && lo === last.hi + 1) {
      last.hi = hi
      return { interval: last, swallowed: NOTHING }
    }
    const at = this.#firstReaching(lo - 1)
    const grown = this.intervals[at]
    if (grown === undefined || grown.lo > hi + 1) {
      const interval = { id: 0, lo, hi }
      this.intervals.splice(at, 0, interval)
      return { interval, swallowed: NOTHING }
    }
    grown.lo = Math.min(grown.lo, lo)
    grown.hi = Math.max(grown.hi, hi)
    const next = this.intervals[at + 1]
    if (next === undefined || next.lo > grown.hi + 1) return { interval: grown, swallowed: NOTHING }
    grown.hi = Math.max(grown.hi, next.hi)
    this.intervals.splice(at + 1, 1)
    return { interval: grown, swallowed: [next] }
  }

  /** The place of the first interval that ends at `seq` or after it. A peer chooses how many there are: this must not walk them. */
  #firstReaching(seq: number): number {
    let low = 0
    let high = this.intervals.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.intervals[middle] as HaveInterval).hi < seq) low = middle + 1
      else high = middle
    }
    return low
  }
}
