import { ServerError } from '../errors.ts'
import type { CollectorNo } from '../store/store.ts'
import type { StoreReader } from '../store/store-reader.ts'
import { BucketColumns, type ReducedSeries } from './bucket-columns.ts'
import { type FoundGaps, type GapReader, gapsOf, indexedGaps } from './gap-finder.ts'
import { SeriesSelection } from './series-selection.ts'
import { finish, type Steps } from './steps.ts'
import { type ExactSeries, TickColumns } from './tick-columns.ts'
import { TickScan } from './tick-scan.ts'
import { checkRange, type TimeRange } from './time-range.ts'

export interface RangeRequest extends TimeRange {
  /**
   * 1..MAX_POINTS: how many buckets the answer is reduced to if the range holds more ticks. Undefined for every tick.
   */
  readonly points?: number | undefined
  /** Names of series, or of metrics for all series of each; undefined for all. */
  readonly series?: readonly string[] | undefined
}

interface AnswerFrame extends FoundGaps {
  /** Of a level 0 answer the interval of the newest tick, else the width of a bucket: whole seconds. */
  readonly stepMs: number
  /**
   * Level 0: the wall time of each tick. Level 1: the start of each bucket, a multiple of stepMs. Unix ms, ascending.
   */
  readonly timestampsMs: Float64Array
  /** Ticks that are stored in the range, by their batches' times, and cannot be decoded. */
  readonly undecodable: number
}

/** Every tick. Where two are over 1.5 intervals apart, a row without values stands between them. */
export interface ExactAnswer extends AnswerFrame {
  readonly level: 0
  readonly columns: readonly ExactSeries[]
}

/** Every bucket from the first to the last time, empty ones too. */
export interface ReducedAnswer extends AnswerFrame {
  readonly level: 1
  readonly columns: readonly ReducedSeries[]
}

export type RangeAnswer = ExactAnswer | ReducedAnswer

export type RangeReader = GapReader & Pick<StoreReader, 'knownSeries' | 'span' | 'countTicks'>

export const MAX_POINTS = 20_000

/** Numbers that one answer holds at most: what bounds its memory. */
const MAX_CELLS = 8_000_000

/**
 * Reads a range of one collector, its runs merged by wall time. The answer is exact where there are about as many ticks
 * as points, or fewer; else it is reduced to buckets, of which there can be one more than points, as they are aligned
 * to the epoch. Buckets keep min and max, so that a spike of one second is still there. Of counters, mean is the last
 * total, min and max are the smallest and the largest. The series are the union of those in the range, NaN where a
 * schema does not have one. Throws RANGE_INVALID, SERIES_UNKNOWN, COLLECTOR_UNKNOWN.
 */
export function queryRange(reader: RangeReader, collectorNo: CollectorNo, request: RangeRequest): RangeAnswer {
  return finish(rangeSteps(reader, collectorNo, request))
}

export function* rangeSteps(reader: RangeReader, collectorNo: CollectorNo, request: RangeRequest): Steps<RangeAnswer> {
  checkRange(request)
  const { points } = request
  if (points !== undefined && !(Number.isInteger(points) && points >= 1 && points <= MAX_POINTS)) {
    throw new ServerError('RANGE_INVALID', { what: `points must be a whole number from 1 to ${MAX_POINTS}` })
  }
  const intervalMs = reader.intervalMs(collectorNo)
  const selection = new SeriesSelection(request.series, yield* reader.knownSeries(collectorNo))
  const ticks = reader.countTicks(collectorNo, request.fromMs, request.toMs)
  const fits = ticks * selection.maxColumns <= MAX_CELLS
  if (points === undefined && !fits) throw tooLarge()
  const query = { reader, collectorNo, request, selection, intervalMs }
  if (fits && (points === undefined || ticks <= points)) return yield* exactAnswer(query)
  return yield* reducedAnswer(query, points as number)
}

interface Query {
  readonly reader: RangeReader
  readonly collectorNo: CollectorNo
  readonly request: RangeRequest
  readonly selection: SeriesSelection
  readonly intervalMs: number
}

function* exactAnswer({ reader, collectorNo, request, selection, intervalMs }: Query): Steps<ExactAnswer> {
  const rows = new TickColumns(selection, intervalMs)
  const scan = new TickScan(reader, collectorNo, request.fromMs, request.toMs, (tick) => {
    // The count before was by the batches' times, and those are only what the collector said.
    if ((rows.rows + 1) * selection.maxColumns > MAX_CELLS) throw tooLarge()
    rows.add(tick)
  })
  const indexed = indexedGaps(reader, collectorNo, request)
  yield* scan.steps()
  const gaps = gapsOf(indexed, request, scan)
  const stepMs = rows.rows === 0 ? intervalMs : rows.intervalMs
  return { level: 0, stepMs, ...rows.finish(), ...gaps, undecodable: scan.undecodableTicks }
}

function* reducedAnswer({ reader, collectorNo, request, selection }: Query, points: number): Steps<ReducedAnswer> {
  const { startMs, stepMs, buckets } = bucketsOf(reader, collectorNo, request, Math.min(points, pointsFor(selection)))
  const columns = new BucketColumns(selection, startMs, stepMs, buckets)
  const fromMs = Math.max(request.fromMs, startMs)
  const toMs = Math.min(request.toMs, startMs + buckets * stepMs - 1)
  const scan = new TickScan(reader, collectorNo, fromMs, toMs, (tick) => columns.add(tick))
  const indexed = indexedGaps(reader, collectorNo, request)
  yield* scan.steps()
  const timestampsMs = Float64Array.from({ length: buckets }, (_, bucket) => startMs + bucket * stepMs)
  const gaps = gapsOf(indexed, request, scan)
  return { level: 1, stepMs, timestampsMs, columns: columns.finish(), ...gaps, undecodable: scan.undecodableTicks }
}

/** Buckets over the range, or over that part of it in which the collector has anything. */
function bucketsOf(
  reader: RangeReader,
  collectorNo: CollectorNo,
  range: TimeRange,
  points: number,
): { startMs: number; stepMs: number; buckets: number } {
  const span = reader.span(collectorNo)
  const fromMs = Math.max(range.fromMs, span?.firstMs ?? 0)
  const toMs = Math.min(range.toMs, span?.lastMs ?? range.toMs)
  const stepMs = Math.max(1, Math.ceil((toMs - fromMs + 1) / points / 1000)) * 1000
  const startMs = Math.floor(fromMs / stepMs) * stepMs
  return { startMs, stepMs, buckets: Math.floor((toMs - startMs) / stepMs) + 1 }
}

function pointsFor(selection: SeriesSelection): number {
  const numbersPerBucket = 4
  return Math.max(1, Math.floor(MAX_CELLS / numbersPerBucket / selection.maxColumns))
}

function tooLarge(): ServerError {
  const hint = 'ask for points, fewer series or a shorter range, or export the ticks'
  return new ServerError('RANGE_INVALID', { what: 'the range holds more ticks than one answer can', hint })
}
