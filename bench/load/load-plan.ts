/** What one load process does; given as JSON in argv. */
export interface LoadPlan {
  readonly port: number
  readonly connections: number
  readonly ticksPerBatch: number
  /** How many batches each connection sends in all. */
  readonly batchesPerConnection: number
  /** Batches that a connection sends before it waits for an ack. */
  readonly window: number
  /** Batches a second of all connections together; null sends as fast as acks allow. */
  readonly batchesPerS: number | null
}

/** What it saw; sent to the parent as its last message. */
export interface LoadResult {
  readonly batches: number
  readonly wallS: number
  /** From the write of a batch to its ack, ms, ascending. */
  readonly ackMs: Float64Array
}

export type LoadMessage =
  | { readonly type: 'connected' }
  | { readonly type: 'done'; readonly batches: number; readonly wallS: number; readonly ackMs: readonly number[] }
