import { MAX_TICKS_PER_KEY } from '@godwit/protocol'

/** One batch is five numbers in a row: rowid, seq, count, firstMs, lastMs. */
const FIELDS = 5
const ID = 0
const SEQ = 1
const COUNT = 2
const FIRST_MS = 3
const LAST_MS = 4

/** How far a clock that was set back within a batch may have gone beyond the batch's first and last time. */
const STEP_MARGIN_MS = 60 * 60 * 1000

/** One batch as a row. */
export interface BatchRow {
  readonly id: number
  readonly seq: number
  readonly count: number
  readonly firstMs: number
  readonly lastMs: number
}

/** Consecutive batches of a run, by seq; what comes later does not change it. */
export interface RunPart {
  readonly run: number
  readonly rows: readonly BatchRow[]
}

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

  /** The batches first..end-1. */
  slice(first: number, end: number): RunPart {
    const rows = Array.from({ length: end - first }, (_, i): BatchRow => {
      const place = first + i
      return {
        id: this.#rows[place * FIELDS + ID] as number,
        seq: this.seqAt(place),
        count: this.countAt(place),
        firstMs: this.firstMsAt(place),
        lastMs: this.lastMsAt(place),
      }
    })
    return { run: this.run, rows }
  }

  /** The places, ascending, of the batches that may hold ticks of the range. */
  *placesIn(fromMs: number, toMs: number): Generator<number> {
    if (this.firstMs > toMs || this.lastMs < fromMs) return
    const { first, end } = this.window(fromMs, toMs)
    for (let place = first; place < end; place++) {
      const firstMs = this.firstMsAt(place)
      const lastMs = this.lastMsAt(place)
      const margin = firstMs <= lastMs ? 0 : STEP_MARGIN_MS
      if (Math.min(firstMs, lastMs) - margin <= toMs && Math.max(firstMs, lastMs) + margin >= fromMs) yield place
    }
  }

  /**
   * Among the places first..end-1 are all batches of the range and the nearest one after it. While times ascend with seq
   * there are no others, and the nearest one before the range is at first - 1.
   */
  window(fromMs: number, toMs: number): { first: number; end: number } {
    if (!this.#isOrdered) return { first: 0, end: this.size }
    const first = this.#firstPlace(fromMs)
    let low = first
    let high = this.size
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.firstMsAt(middle) <= toMs) low = middle + 1
      else high = middle
    }
    return { first, end: Math.min(this.size, low + 1) }
  }

  /**
   * Ascending: `placesIn`, and the batches nearest to the range in time, as between the ticks of two batches may be a
   * gap. The nearest one before it is left out where `keyPlace` leads back to it.
   */
  placesAround(fromMs: number, toMs: number): number[] {
    if (this.firstMs > toMs || this.lastMs < fromMs) return []
    const { first, end } = this.window(fromMs, toMs)
    if (this.#isOrdered) return Array.from({ length: end - first }, (_, i) => first + i)
    const places = new Set(this.placesIn(fromMs, toMs))
    let before = -1
    let after = -1
    for (let place = 0; place < this.size; place++) {
      const lastMs = this.lastMsAt(place)
      const firstMs = this.firstMsAt(place)
      if (lastMs < fromMs && (before === -1 || lastMs > this.lastMsAt(before))) before = place
      if (firstMs > toMs && (after === -1 || firstMs < this.firstMsAt(after))) after = place
    }
    if (before !== -1) places.add(before)
    if (after !== -1) places.add(after)
    return Array.from(places).sort((a, b) => a - b)
  }

  /** The first of the batches before `place` that reach back to a key tick of its first tick. */
  keyPlace(place: number): number {
    const seq = this.seqAt(place) - MAX_TICKS_PER_KEY
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
