import { formatRun } from '@godwit/protocol'
import type { CollectorNo } from '../store/store.ts'
import type { StoreReader } from '../store/store-reader.ts'
import { V1_RUN } from '../store/v1-schema.ts'
import { APART_INTERVALS } from './apart.ts'
import type { Gap } from './gap.ts'
import { TickScan } from './tick-scan.ts'
import { checkRange, type TimeRange } from './time-range.ts'

export type GapReader = Pick<StoreReader, 'schemas' | 'batchesIn' | 'runSpans' | 'missing' | 'intervalMs'>

/** All gaps that touch the range, ordered by time. Decodes the whole range. Throws RANGE_INVALID, COLLECTOR_UNKNOWN. */
export function findGaps(reader: GapReader, collectorNo: CollectorNo, range: TimeRange): Gap[] {
  checkRange(range)
  const scan = new TickScan(reader, collectorNo, range.fromMs, range.toMs, () => {})
  scan.run()
  return gapsOf(reader, collectorNo, range, scan)
}

/**
 * What a finished scan of the range found and what the seqs of its runs tell, ordered by time. A gap that reaches over
 * an end of the range keeps its own times. What is missing after a run's newest tick is lag and no gap.
 */
export function gapsOf(
  reader: GapReader,
  collectorNo: CollectorNo,
  range: TimeRange,
  scan: Pick<TickScan, 'gaps' | 'coverage'>,
): Gap[] {
  const lost: Gap[] = []
  for (const { run, lo, hi, fromMs, toMs } of reader.missing(collectorNo, range.fromMs, range.toMs)) {
    scan.coverage.get(run)?.add(fromMs, toMs, 0)
    lost.push({ run: formatRun(run), lo, hi, fromMs, toMs, cause: 'lost' })
  }
  const silences = silencesIn(scan.coverage, range)
  const gaps = [...merged([...lost, ...scan.gaps]), ...silences, ...stopsIn(reader, collectorNo, range)]
  return gaps.sort((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs)
}

/** The times within a run for which nothing accounts. */
function silencesIn(coverage: TickScan['coverage'], range: TimeRange): Gap[] {
  const silences: Gap[] = []
  for (const [run, covered] of coverage) {
    const cause = run === V1_RUN ? 'collector silent' : 'machine suspended or clock set'
    for (const { fromMs, toMs } of covered.uncovered()) {
      if (fromMs >= range.toMs || toMs <= range.fromMs) continue
      silences.push({ run: formatRun(run), lo: null, hi: null, fromMs, toMs, cause })
    }
  }
  return silences
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
