import { LIMITS } from '@godwit/protocol'

/** One batch is five numbers in a row: rowid, seq, count, firstMs, lastMs. */
const FIELDS = 5
const ID = 0
const SEQ = 1
const COUNT = 2
const FIRST_MS = 3
const LAST_MS = 4

/** How far a clock that was set back within a batch may have gone beyond the batch's first and last time. */
const STEP_MARGIN_MS = 60 * 60 * 1000

/** An encoder may put up to 64 ticks on one key tick; ours makes one each LIMITS.ticksPerKey. */
const KEY_REACH_TICKS = Math.max(64, LIMITS.ticksPerKey)

/** Where the batches of one run are in the inbox, and which ticks and times they hold; ordered by seq. */
export class RunIndex {
  readonly run: number
  /** Of all ticks; unix ms. */
  firstMs: number = Number.POSITIVE_INFINITY
  lastMs: number = Number.NEGATIVE_INFINITY
  ticks = 0
  size = 0
  #rows = new Float64Array(FIELDS * 2)
  /** Times ascend with seq, as they do unless the clock was set back. */
  #isOrdered = true

  constructor(run: number) {
    this.run = run
  }

  add(id: number, seq: number, count: number, firstMs: number, lastMs: number): void {
    if ((this.size + 1) * FIELDS > this.#rows.length) this.#grow()
    const place = this.#placeOf(seq)
    const at = place * FIELDS
    if (place < this.size) this.#rows.copyWithin(at + FIELDS, at, this.size * FIELDS)
    this.#rows[at + ID] = id
    this.#rows[at + SEQ] = seq
    this.#rows[at + COUNT] = count
    this.#rows[at + FIRST_MS] = firstMs
    this.#rows[at + LAST_MS] = lastMs
    this.size++
    this.ticks += count
    this.firstMs = Math.min(this.firstMs, firstMs, lastMs)
    this.lastMs = Math.max(this.lastMs, firstMs, lastMs)
    this.#isOrdered &&= firstMs <= lastMs && this.#inOrder(place - 1, place) && this.#inOrder(place, place + 1)
  }

  idAt(place: number): number {
    return this.#rows[place * FIELDS + ID] as number
  }

  seqAt(place: number): number {
    return this.#rows[place * FIELDS + SEQ] as number
  }

  countAt(place: number): number {
    return this.#rows[place * FIELDS + COUNT] as number
  }

  firstMsAt(place: number): number {
    return this.#rows[place * FIELDS + FIRST_MS] as number
  }

  lastMsAt(place: number): number {
    return this.#rows[place * FIELDS + LAST_MS] as number
  }

  /** A copy that later `add`s do not change, of the batches first..end-1. */
  slice(first: number, end: number): RunIndex {
    const part = new RunIndex(this.run)
    part.#rows = this.#rows.slice(first * FIELDS, end * FIELDS)
    part.size = end - first
    return part
  }

  /** The places, ascending, of the batches that may hold ticks of the range. */
  *placesIn(fromMs: number, toMs: number): Generator<number> {
    if (this.firstMs > toMs || this.lastMs < fromMs) return
    for (let place = this.#firstPlace(fromMs); place < this.size; place++) {
      const firstMs = this.firstMsAt(place)
      const lastMs = this.lastMsAt(place)
      if (this.#isOrdered && firstMs > toMs) return
      const margin = firstMs <= lastMs ? 0 : STEP_MARGIN_MS
      if (Math.min(firstMs, lastMs) - margin <= toMs && Math.max(firstMs, lastMs) + margin >= fromMs) yield place
    }
  }

  /** The first of the batches before `place` that reach back to a key tick of its first tick. */
  keyPlace(place: number): number {
    const seq = this.seqAt(place) - KEY_REACH_TICKS
    let first = place
    while (first > 0 && this.seqAt(first - 1) + this.countAt(first - 1) > seq) first--
    return first
  }

  #grow(): void {
    const rows = new Float64Array(this.#rows.length * 2)
    rows.set(this.#rows)
    this.#rows = rows
  }

  /** After the last batch with a seq below. */
  #placeOf(seq: number): number {
    let low = 0
    let high = this.size
    // Nearly always it is the newest.
    if (high === 0 || this.seqAt(high - 1) < seq) return high
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.seqAt(middle) < seq) low = middle + 1
      else high = middle
    }
    return low
  }

  #firstPlace(fromMs: number): number {
    if (!this.#isOrdered) return 0
    let low = 0
    let high = this.size
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.lastMsAt(middle) < fromMs) low = middle + 1
      else high = middle
    }
    return low
  }

  #inOrder(left: number, right: number): boolean {
    if (left < 0 || right >= this.size) return true
    return this.firstMsAt(left) <= this.firstMsAt(right) && this.lastMsAt(left) <= this.lastMsAt(right)
  }
}
