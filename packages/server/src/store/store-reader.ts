import type { Schema, SchemaId } from '@godwit/protocol'
import type { CollectorNo, HaveRange, StoredBatch } from './store.ts'

export interface TimeSpan {
  /** Wall time of the first and the last stored tick, unix ms. */
  readonly firstMs: number
  readonly lastMs: number
}

/** A batch in a walk over a range of time. */
export interface RangeBatch extends StoredBatch {
  /** True if the batch before it in the walk is the one before it in the run, too. */
  readonly follows: boolean
}

/** Ticks lo..hi of a run that are not stored, between two ticks that are; the times are those of the two. */
export interface MissingRange extends HaveRange {
  readonly fromMs: number
  readonly toMs: number
}

export interface RunSpan extends TimeSpan {
  readonly run: number
  /** Of its first stored tick; those before it were taken, and are not here. */
  readonly firstSeq: number
}

export interface RunSummary extends TimeSpan {
  readonly run: number
  readonly ticks: number
  /** Merged, ordered by lo. */
  readonly have: readonly HaveRange[]
}

export interface Completeness {
  readonly storedTicks: number
  /** Ticks that the collector should have taken since it was first heard of. */
  readonly expectedTicks: number
}

/**
 * The reading side of the store. It sees what was committed before the last `refresh`. Times are unix ms by the
 * collector's clock, ranges include both ends. Everything throws a ServerError when the database cannot be read.
 */
export interface StoreReader {
  /** Takes notice of what was committed since the last call. */
  refresh(): void
  /** What ticks are due, ms. Throws COLLECTOR_UNKNOWN. */
  intervalMs(collectorNo: CollectorNo): number
  /** All schemas that the collector ever used. The same schema is the same object at each call. */
  schemas(collectorNo: CollectorNo): ReadonlyMap<SchemaId, Schema>
  /** Undefined if nothing is stored. */
  span(collectorNo: CollectorNo): TimeSpan | undefined
  /** The span of every collector of which something is stored. */
  spans(): Map<CollectorNo, TimeSpan>
  /** About how many ticks the range holds: batches at its ends are taken to be evenly filled. */
  countTicks(collectorNo: CollectorNo, fromMs: number, toMs: number): number
  /**
   * Every batch with ticks in the range, those before it in which a key tick must be, and of a run that goes on beyond
   * the range the nearest one after it and before it: what lies between may be a gap. Ordered by run, the run that began
   * first before the others, and by seq in it. What is committed during the walk is not in it.
   */
  batchesIn(collectorNo: CollectorNo, fromMs: number, toMs: number): IterableIterator<RangeBatch>
  /** The batches from the newest key tick of the newest run on; empty if there is none. */
  tail(collectorNo: CollectorNo): StoredBatch[]
  /** Ordered by their first tick. */
  runSpans(collectorNo: CollectorNo): RunSpan[]
  /** In the same order, with what is stored of each. Walks all of the collector's past. */
  runs(collectorNo: CollectorNo): RunSummary[]
  /**
   * What is missing within runs and touches the range of time. A run's first ticks count, its newest do not: they may
   * yet come.
   */
  missing(collectorNo: CollectorNo, fromMs: number, toMs: number): MissingRange[]
  completeness(collectorNo: CollectorNo, fromMs: number, toMs: number): Completeness
  close(): void
}
