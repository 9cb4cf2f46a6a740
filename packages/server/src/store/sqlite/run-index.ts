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

/**
 * Where the batches of one run are in the inbox, and which ticks and times they hold; ordered by seq from the first look
 * on, whatever the order in which they came.
 */
export class RunIndex {
  readonly run: number
  /** Of all ticks; unix ms. */
  firstMs: number = Number.POSITIVE_INFINITY
  lastMs: number = Number.NEGATIVE_INFINITY
  ticks = 0
  size = 0
  #rows = new Float64Array(FIELDS * 2)
  /** So many of the first rows are ordered by seq; those after them are as they came, until they are asked for. */
  #sortedSize = 0
  /** Times ascend with seq, as they do unless the clock was set back. Of the sorted rows. */
  #isOrdered = true

  constructor(run: number) {
    this.run = run
  }

  // Only appends: a run whose batches come in falling order must not cost a move of all rows for each.
  add(id: number, seq: number, count: number, firstMs: number, lastMs: number): void {
    if ((this.size + 1) * FIELDS > this.#rows.length) this.#grow()
    const place = this.size
    const at = place * FIELDS
    this.#rows[at + ID] = id
    this.#rows[at + SEQ] = seq
    this.#rows[at + COUNT] = count
    this.#rows[at + FIRST_MS] = firstMs
    this.#rows[at + LAST_MS] = lastMs
    this.size++
    this.ticks += count
    this.firstMs = Math.min(this.firstMs, firstMs, lastMs)
    this.lastMs = Math.max(this.lastMs, firstMs, lastMs)
    if (this.#sortedSize < place) return
    // Nearly always it is the newest.
    if (place > 0 && (this.#rows[at - FIELDS + SEQ] as number) >= seq) return
    this.#sortedSize = this.size
    this.#isOrdered &&= this.#inOrder(place)
  }

  seqAt(place: number): number {
    this.#sort()
    return this.#rows[place * FIELDS + SEQ] as number
  }

  countAt(place: number): number {
    this.#sort()
    return this.#rows[place * FIELDS + COUNT] as number
  }

  firstMsAt(place: number): number {
    this.#sort()
    return this.#rows[place * FIELDS + FIRST_MS] as number
  }

  lastMsAt(place: number): number {
    this.#sort()
    return this.#rows[place * FIELDS + LAST_MS] as number
  }

  /** The batches first..end-1. */
  slice(first: number, end: number): RunPart {
    this.#sort()
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
    this.#sort()
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

  /** Merges the rows that came out of order into the sorted ones before them. */
  #sort(): void {
    if (this.#sortedSize === this.size) return
    const late = this.#sortedLateRows()
    const rows = this.#rows
    let from = this.#sortedSize - 1
    let to = this.size - 1
    // From the end, where late rows nearly always belong: what is before the first of them is not moved.
    for (let next = late.length / FIELDS - 1; next >= 0; to--) {
      const at = next * FIELDS
      if (from >= 0 && (rows[from * FIELDS + SEQ] as number) > (late[at + SEQ] as number)) {
        rows.copyWithin(to * FIELDS, from * FIELDS, (from + 1) * FIELDS)
        from--
      } else {
        rows.set(late.subarray(at, at + FIELDS), to * FIELDS)
        next--
      }
    }
    this.#sortedSize = this.size
    for (let place = to + 1; place < this.size && this.#isOrdered; place++) this.#isOrdered = this.#inOrder(place)
  }

  /** A copy of the rows after the sorted ones, by seq. */
  #sortedLateRows(): Float64Array {
    const late = this.#rows.slice(this.#sortedSize * FIELDS, this.size * FIELDS)
    const seqOf = (row: number): number => late[row * FIELDS + SEQ] as number
    const order = Uint32Array.from({ length: late.length / FIELDS }, (_, row) => row)
    order.sort((a, b) => seqOf(a) - seqOf(b))
    const sorted = new Float64Array(late.length)
    for (const [place, row] of order.entries()) {
      sorted.set(late.subarray(row * FIELDS, (row + 1) * FIELDS), place * FIELDS)
    }
    return sorted
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

  /** By itself, and after the row before it. */
  #inOrder(place: number): boolean {
    const at = place * FIELDS
    const before = at - FIELDS
    const firstMs = this.#rows[at + FIRST_MS] as number
    const lastMs = this.#rows[at + LAST_MS] as number
    if (firstMs > lastMs) return false
    if (place === 0) return true
    return (this.#rows[before + FIRST_MS] as number) <= firstMs && (this.#rows[before + LAST_MS] as number) <= lastMs
  }
}
