/** What one load process does; given as JSON in argv. */
export interface LoadPlan {
  readonly port: number
  readonly connections: number
  readonly ticksPerBatch: number
  /** How many batches each connection sends in all. */
  readonly batchesPerConnection: number
  /** The first of them, sent one by one before the clock starts. */
  readonly warmUpBatches: number
  /** Batches that a connection sends before it waits for an ack. */
  readonly window: number
  /** Batches a second of all connections together; null sends as fast as acks allow. */
  readonly batchesPerS: number | null
}

/** Tells the parent that all are connected and warm, then what was seen. `ackMs`: from the write of a batch to its ack, ascending. */
export type LoadMessage =
  | { readonly type: 'connected' }
  | { readonly type: 'done'; readonly batches: number; readonly wallS: number; readonly ackMs: readonly number[] }
