import type { Schema, SchemaId } from '@godwit/protocol'

/** The store's own small number for a collector; never shown to anybody. */
export type CollectorNo = number

export interface CollectorRecord {
  readonly no: CollectorNo
  /** The UUID's text. */
  readonly id: string
  readonly name: string
  /** The wire version that it spoke last. */
  readonly protocol: 1 | 2
  readonly software: string
  readonly host: Readonly<Record<string, string | number>>
  readonly intervalMs: number
  readonly firstSeenMs: number
}

export type CollectorFacts = Omit<CollectorRecord, 'no' | 'firstSeenMs'>

/** Consecutive ticks of one run, as they came. Format of `ticks`: protocol's Batch. */
export interface StoredBatch {
  readonly collectorNo: CollectorNo
  readonly run: number
  readonly seq: number
  readonly count: number
  /** Wall time of the first and the last tick, unix ms by the collector's clock; lastMs may be the smaller. */
  readonly firstMs: number
  readonly lastMs: number
  readonly ticks: Uint8Array
}

/** What a version 1 collector sent: it has no seq, so it is told apart by its content. */
export interface V1Sample {
  readonly collectorNo: CollectorNo
  readonly wallMs: number
  /** One value a series of V1_SCHEMA, NaN for none. */
  readonly values: readonly number[]
}

/** `batches` first, then `samples`, in the order in which they are to be stored. */
export interface CommitGroup {
  readonly batches: readonly StoredBatch[]
  readonly samples: readonly V1Sample[]
}

/** fragmented: not stored, because the run has as many holes as it may. */
export type CommitOutcome = 'stored' | 'duplicate' | 'fragmented'

export interface CommitResult {
  /** One entry a batch. A batch of which some ticks were new is 'stored'. */
  readonly batches: readonly CommitOutcome[]
  /** One entry a sample: the batch of one tick that it became, or null for a duplicate. */
  readonly samples: readonly (StoredBatch | null)[]
}

/** Ticks lo..hi, both included, of a run. */
export interface HaveRange {
  readonly run: number
  readonly lo: number
  readonly hi: number
}

export type TaskState = 'waiting' | 'sent' | 'done' | 'failed'

export interface TaskRecord {
  readonly id: number
  readonly kind: string
  readonly state: TaskState
  readonly createdMs: number
  readonly changedMs: number
  readonly detail: string
}

/**
 * The writing side of the store. One owner; calls are carried out in their order. A failed call changed nothing.
 * Every promise rejects with a ServerError: STORE_BUSY and STORE_FULL may work later, others will not.
 */
export interface Store {
  collectors(): Promise<CollectorRecord[]>
  /** Makes the collector known, or brings its facts up to date. */
  saveCollector(facts: CollectorFacts, nowMs: number): Promise<CollectorRecord>
  schemaIds(collectorNo: CollectorNo): Promise<SchemaId[]>
  /** Keeps a schema; one that is known already is left as it is. */
  saveSchema(collectorNo: CollectorNo, schema: Pick<Schema, 'id' | 'bytes'>): Promise<void>
  /** Stores a group in one transaction: on resolution it is on the disk. Ticks that are had already are left out. */
  commit(group: CommitGroup): Promise<CommitResult>
  /** What is stored of the given runs, or of all; merged, ordered by run and lo. Of more than LIMITS.haveRanges ranges, the newest. */
  have(collectorNo: CollectorNo, runs?: readonly number[]): Promise<HaveRange[]>
  addTask(collectorNo: CollectorNo, kind: string, nowMs: number): Promise<TaskRecord>
  tasks(collectorNo: CollectorNo): Promise<TaskRecord[]>
  /** The oldest task in one of `states`, which becomes 'sent'. */
  takeTask(collectorNo: CollectorNo, states: readonly TaskState[], nowMs: number): Promise<TaskRecord | null>
  finishTask(
    collectorNo: CollectorNo,
    taskId: number,
    state: 'done' | 'failed',
    detail: string,
    nowMs: number,
  ): Promise<void>
  close(): Promise<void>
}
