import type { Schema, SchemaId, Series } from '@godwit/protocol'
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

/** The series of the schemas that a collector ever used, by name; where they are too many, not all of them. */
export interface KnownSeries {
  readonly byName: ReadonlyMap<string, Series>
  readonly isComplete: boolean
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
  /** Undefined if it is not stored or damaged. Nearly always the same object at each call. */
  schema(collectorNo: CollectorNo, id: SchemaId): Schema | undefined
  /** Yields before each schema that has to be decoded for it; if it is left there, the next call goes on. */
  knownSeries(collectorNo: CollectorNo): Generator<void, KnownSeries, void>
  /** Undefined if nothing is stored. */
  span(collectorNo: CollectorNo): TimeSpan | undefined
  /** The span of every collector of which something is stored. */
  spans(): Map<CollectorNo, TimeSpan>
  /** About how many ticks the range holds: batches at its ends are taken to be evenly filled. */
  countTicks(collectorNo: CollectorNo, fromMs: number, toMs: number): number
  /**
   * Every batch with ticks in the range, those before it in which a key tick must be, and of a run that goes on beyond
   * the range the nearest one after it and before it: what lies between may be a gap. Ordered by run, the run that began
   * first before the others, and by seq in it. What is committed after the call is not in it.
   */
  batchesIn(collectorNo: CollectorNo, fromMs: number, toMs: number): IterableIterator<RangeBatch>
  /** The batches from the newest key tick of the newest run on; empty if there is none. */
  tail(collectorNo: CollectorNo): StoredBatch[]
  /**
   * The schemas that the tail needs, and those of the ticks shortly before it: who asked for the tail just before may have
   * got an older one. The newest first, at most 64.
   */
  tailSchemas(collectorNo: CollectorNo): Schema[]
  /** Of the newest tick; undefined if nothing is stored that can be decoded. */
  newestSchema(collectorNo: CollectorNo): Schema | undefined
  /** Ordered by their first tick. */
  runSpans(collectorNo: CollectorNo): RunSpan[]
  /** In the same order, with what is stored of each. Walks all of the collector's past. */
  runs(collectorNo: CollectorNo): RunSummary[]
  /**
   * What is missing within runs and touches the range of time. A run's first ticks count, its newest do not: they may
   * yet come. One after the other, as there may be many.
   */
  missing(collectorNo: CollectorNo, fromMs: number, toMs: number): IteratorObject<MissingRange>
  completeness(collectorNo: CollectorNo, fromMs: number, toMs: number): Completeness
  close(): void
}
