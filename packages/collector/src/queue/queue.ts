import type { Schema, SchemaId } from '@godwit/protocol'

/** A tick as the encoder made it. */
export interface QueueTick {
  readonly seq: number
  readonly wallMs: number
  readonly isKey: boolean
  /** The queue copies what it keeps. */
  readonly bytes: Uint8Array
}

/** Consecutive ticks out of the queue, in the form of protocol's Batch. A view: valid until the next append. */
export interface QueueBatch {
  readonly schemaId: SchemaId
  readonly seq: number
  readonly count: number
  readonly firstWallMs: number
  readonly lastWallMs: number
  readonly ticks: Uint8Array
}

/** What the queue holds, for health. */
export interface QueueCounts {
  readonly heldTicks: number
  readonly heldBytes: number
  /** Held and not acknowledged. */
  readonly owedTicks: number
  /** Thrown away unacknowledged because the queue was full, since the start. */
  readonly evictedTicks: number
}

/**
 * Keeps the ticks of a run from the moment they are encoded until the server has them. Bounded: when it is full the oldest make
 * room, up to the next key tick, and are counted.
 */
export interface Queue {
  readonly run: number
  readonly counts: QueueCounts
  /** The schemas of the ticks held. */
  readonly schemas: readonly Schema[]
  /** The first and the last seq held; undefined before the first tick. */
  readonly range: { readonly lo: number; readonly hi: number } | undefined
  /** Takes the next tick. A tick with another schema than the last is a key tick. */
  append(tick: QueueTick, schema: Schema): void
  /** Ticks from `seq` on, or from the oldest held after it, and below `below`; undefined if there are none. */
  read(seq: number, below?: number): QueueBatch | undefined
  /** Everything below `seq` is on the server; the tick at `seq` is not known to be. */
  acknowledgedBelow(seq: number): void
}
