import { formatRun } from '@godwit/protocol'
import type { CollectorNo } from '../store/store.ts'
import type { MissingRange, StoreReader } from '../store/store-reader.ts'
import { V1_RUN } from '../store/v1-schema.ts'
import { APART_INTERVALS } from './apart.ts'
import type { Gap } from './gap.ts'
import { GapList } from './gap-list.ts'
import { finish, type Steps } from './steps.ts'
import { TickScan } from './tick-scan.ts'
import { checkRange, type TimeRange } from './time-range.ts'

export type GapReader = Pick<StoreReader, 'schema' | 'batchesIn' | 'runSpans' | 'missing' | 'intervalMs'>

export interface FoundGaps {
  /** Ordered by time; at most MAX_GAPS. */
  readonly gaps: readonly Gap[]
  /** True if there were more: neighbours were joined, and there are ticks within gaps. */
  readonly gapsTruncated: boolean
}

/** What the seqs of the runs and their times tell, at the time at which a scan begins. */
export interface IndexedGaps {
  readonly missing: readonly MissingRange[]
  readonly stops: readonly Gap[]
}

/** All gaps that touch the range, ordered by time. Decodes the whole range. Throws RANGE_INVALID, COLLECTOR_UNKNOWN. */
export function findGaps(reader: GapReader, collectorNo: CollectorNo, range: TimeRange): FoundGaps {
  return finish(gapSteps(reader, collectorNo, range))
}

export function* gapSteps(reader: GapReader, collectorNo: CollectorNo, range: TimeRange): Steps<FoundGaps> {
  checkRange(range)
  const scan = new TickScan(reader, collectorNo, range.fromMs, range.toMs, () => {})
  const indexed = indexedGaps(reader, collectorNo, range)
  yield* scan.steps()
  return gapsOf(indexed, range, scan)
}

/** To be taken together with the scan's batches: what is committed later is in neither. */
export function indexedGaps(reader: GapReader, collectorNo: CollectorNo, range: TimeRange): IndexedGaps {
  const missing = Array.from(reader.missing(collectorNo, range.fromMs, range.toMs))
  return { missing, stops: stopsIn(reader, collectorNo, range) }
}

/**
 * What a finished scan of the range found and what the seqs of its runs tell, ordered by time. A gap that reaches over
 * an end of the range keeps its own times. What is missing after a run's newest tick is lag and no gap.
 */
export function gapsOf(
  { missing, stops }: IndexedGaps,
  range: TimeRange,
  scan: Pick<TickScan, 'gaps' | 'coverage'>,
): FoundGaps {
  const lost = new GapList()
  for (const { run, lo, hi, fromMs, toMs } of missing) {
    scan.coverage.get(run)?.add(fromMs, toMs, 0)
    lost.push({ run: formatRun(run), lo, hi, fromMs, toMs, cause: 'lost' })
  }
  const all = new GapList()
  for (const gap of merged([...lost.finish(), ...scan.gaps.finish()])) all.push(gap)
  for (const gap of silencesIn(scan.coverage, range)) all.push(gap)
  for (const gap of stops) all.push(gap)
  const gaps = all.finish()
  const coverages = Array.from(scan.coverage.values())
  const gapsTruncated = [lost, scan.gaps, all, ...coverages].some(({ isTruncated }) => isTruncated)
  return { gaps, gapsTruncated }
}

/** The times within a run for which nothing accounts. */
function* silencesIn(coverage: TickScan['coverage'], range: TimeRange): Generator<Gap> {
  for (const [run, covered] of coverage) {
    const cause = run === V1_RUN ? 'collector silent' : 'machine suspended or clock set'
    for (const { fromMs, toMs } of covered.uncovered()) {
      if (fromMs >= range.toMs || toMs <= range.fromMs) continue
      yield { run: formatRun(run), lo: null, hi: null, fromMs, toMs, cause }
    }
  }
}

function stopsIn(reader: GapReader, collectorNo: CollectorNo, { fromMs, toMs }: TimeRange): Gap[] {
  const intervalMs = reader.intervalMs(collectorNo)
  const stops: Gap[] = []
  let last: { run: number; lastMs: number } | undefined
  for (const run of reader.runSpans(collectorNo)) {
    // Ticks before the first stored one were taken, too: they are lost, the collector had not stopped.
    const startMs = Math.max(0, run.firstMs - run.firstSeq * intervalMs)
    if (last !== undefined && startMs - last.lastMs > APART_INTERVALS * intervalMs) {
      if (last.lastMs < toMs && startMs > fromMs) {
        stops.push({
          run: formatRun(last.run),
          lo: null,
          hi: null,
          fromMs: last.lastMs,
          toMs: startMs,
          cause: 'collector stopped',
        })
      }
    }
    if (last === undefined || run.lastMs > last.lastMs) last = run
  }
  return stops
}

/** Joins ranges of seq that touch and have one cause: deltas that are of no use continue what was lost before them. */
function merged(gaps: readonly Gap[]): Gap[] {
  const sorted = gaps.toSorted((a, b) => (a.run < b.run ? -1 : a.run > b.run ? 1 : (a.lo ?? -1) - (b.lo ?? -1)))
  const joined: Gap[] = []
  for (const gap of sorted) {
    const last = joined.at(-1)
    if (
      last === undefined ||
      last.hi === null ||
      last.run !== gap.run ||
      last.cause !== gap.cause ||
      gap.lo !== last.hi + 1
    ) {
      joined.push(gap)
      continue
    }
    const fromMs = Math.min(last.fromMs, gap.fromMs)
    joined[joined.length - 1] = { ...last, hi: gap.hi, fromMs, toMs: Math.max(last.toMs, gap.toMs) }
  }
  return joined
}
