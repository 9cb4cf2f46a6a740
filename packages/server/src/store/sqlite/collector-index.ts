import type { HaveRange } from '../store.ts'
import type { MissingRange, RunSpan, RunSummary, TimeSpan } from '../store-reader.ts'
import { RunIndex, type RunPart } from './run-index.ts'

/** All that the inbox holds of one collector, without the ticks themselves. */
export class CollectorIndex {
  readonly #runs = new Map<number, RunIndex>()
  /** By their first tick; undefined since one began, or began earlier. */
  #sorted: readonly RunIndex[] | undefined

  add(id: number, run: number, seq: number, count: number, firstMs: number, lastMs: number): void {
    let index = this.#runs.get(run)
    if (index === undefined) {
      index = new RunIndex(run)
      this.#runs.set(run, index)
    }
    const beganMs = index.firstMs
    index.add(id, seq, count, firstMs, lastMs)
    if (index.firstMs !== beganMs) this.#sorted = undefined
  }

  hasRun(run: number): boolean {
    return this.#runs.has(run)
  }

  /** Ordered by their first tick. */
  runs(): readonly RunIndex[] {
    this.#sorted ??= Array.from(this.#runs.values()).sort((a, b) => a.firstMs - b.firstMs || a.run - b.run)
    return this.#sorted
  }

  /** The run with the newest tick. */
  newestRun(): RunIndex | undefined {
    let newest: RunIndex | undefined
    for (const run of this.#runs.values()) {
      if (newest === undefined || run.lastMs > newest.lastMs) newest = run
    }
    return newest
  }

  span(): TimeSpan {
    let firstMs = Number.POSITIVE_INFINITY
    let lastMs = Number.NEGATIVE_INFINITY
    for (const run of this.#runs.values()) {
      firstMs = Math.min(firstMs, run.firstMs)
      lastMs = Math.max(lastMs, run.lastMs)
    }
    return { firstMs, lastMs }
  }

  countTicks(fromMs: number, toMs: number): number {
    let ticks = 0
    for (const run of this.#runs.values()) {
      for (const place of run.placesIn(fromMs, toMs)) ticks += ticksWithin(run, place, fromMs, toMs)
    }
    return ticks
  }

  /**
   * What must be read to decode the range and see what is missing at its ends: pieces of runs that begin far enough
   * before it to hold a key tick.
   */
  partsIn(fromMs: number, toMs: number): RunPart[] {
    return this.runs().flatMap((run) => {
      const parts: { first: number; end: number }[] = []
      for (const place of run.placesAround(fromMs, toMs)) {
        const last = parts.at(-1)
        if (last !== undefined && place === last.end) {
          last.end++
          continue
        }
        const first = run.keyPlace(place)
        if (last !== undefined && first <= last.end) last.end = place + 1
        else parts.push({ first, end: place + 1 })
      }
      return parts.map(({ first, end }) => run.slice(first, end))
    })
  }

  runSpans(): RunSpan[] {
    return this.runs().map((run) => {
      return { run: run.run, firstSeq: run.seqAt(0), firstMs: run.firstMs, lastMs: run.lastMs }
    })
  }

  summaries(): RunSummary[] {
    return this.runs().map((run) => ({
      run: run.run,
      ticks: run.ticks,
      firstMs: run.firstMs,
      lastMs: run.lastMs,
      have: haveOf(run),
    }))
  }

  *missing(fromMs: number, toMs: number, intervalMs: number): Generator<MissingRange> {
    for (const run of this.runs()) {
      const firstSeq = run.seqAt(0)
      const startMs = Math.max(0, run.firstMs - firstSeq * intervalMs)
      if (firstSeq > 0 && run.firstMs >= fromMs && startMs <= toMs) {
        yield { run: run.run, lo: 0, hi: firstSeq - 1, fromMs: startMs, toMs: run.firstMs }
      }
      if (run.firstMs <= toMs && run.lastMs >= fromMs) yield* holesIn(run, fromMs, toMs)
    }
  }
}

function* holesIn(run: RunIndex, fromMs: number, toMs: number): Generator<MissingRange> {
  const { first, end } = run.window(fromMs, toMs)
  for (let place = Math.max(1, first); place < end; place++) {
    const lo = run.seqAt(place - 1) + run.countAt(place - 1)
    const hi = run.seqAt(place) - 1
    if (hi < lo) continue
    const lastMs = run.lastMsAt(place - 1)
    const nextMs = run.firstMsAt(place)
    const hole = { run: run.run, lo, hi, fromMs: Math.min(lastMs, nextMs), toMs: Math.max(lastMs, nextMs) }
    if (hole.fromMs <= toMs && hole.toMs >= fromMs) yield hole
  }
}

function haveOf(run: RunIndex): HaveRange[] {
  const ranges: { run: number; lo: number; hi: number }[] = []
  for (let place = 0; place < run.size; place++) {
    const lo = run.seqAt(place)
    const hi = lo + run.countAt(place) - 1
    const last = ranges.at(-1)
    if (last !== undefined && lo === last.hi + 1) last.hi = hi
    else ranges.push({ run: run.run, lo, hi })
  }
  return ranges
}

/** Of the batch's ticks, evenly spread over its time, those in the range. */
function ticksWithin(run: RunIndex, place: number, fromMs: number, toMs: number): number {
  const count = run.countAt(place)
  const firstMs = run.firstMsAt(place)
  const lastMs = run.lastMsAt(place)
  if (count === 1 || lastMs <= firstMs || (firstMs >= fromMs && lastMs <= toMs)) return count
  const stepMs = (lastMs - firstMs) / (count - 1)
  const first = Math.max(0, Math.ceil((fromMs - firstMs) / stepMs))
  const last = Math.min(count - 1, Math.floor((toMs - firstMs) / stepMs))
  return Math.max(0, last - first + 1)
}
