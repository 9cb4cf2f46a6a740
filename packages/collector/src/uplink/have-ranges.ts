interface Range {
  readonly lo: number
  readonly hi: number
}

/** The ticks that the server has of a run, as its Welcome said: ranges lo..hi, both included, in any order. */
export class HaveRanges {
  readonly #ranges: readonly Range[]

  constructor(ranges: readonly Range[]) {
    this.#ranges = ranges.toSorted((a, b) => a.lo - b.lo)
  }

  /** The first tick from `seq` on that the server has not. */
  firstMissing(seq: number): number {
    let missing = seq
    for (const { lo, hi } of this.#ranges) {
      if (lo > missing) break
      missing = Math.max(missing, hi + 1)
    }
    return missing
  }

  /** The first tick after `seq`, which the server has not, that it has; Infinity if it has none. */
  nextHad(seq: number): number {
    return this.#ranges.find(({ lo }) => lo > seq)?.lo ?? Number.POSITIVE_INFINITY
  }
}
