import { appendTick, ByteWriter, LIMITS, type Schema } from '@godwit/protocol'
import type { QueueBatch, QueueTick } from './queue.ts'

export const BLOCK_TICKS = 256

/** What a block costs besides its bytes: a few objects, and 12 bytes a tick. */
const BLOCK_OVERHEAD_BYTES = 600 + BLOCK_TICKS * 12

/** Consecutive ticks of one schema that begin with a key tick, packed as they go on the wire: length, then bytes. */
export class TickBlock {
  readonly schema: Schema
  readonly seq: number
  count = 0
  #ticks: ByteWriter
  readonly #ends = new Uint32Array(BLOCK_TICKS)
  readonly #wallMs = new Float64Array(BLOCK_TICKS)

  constructor(schema: Schema, seq: number, capacityBytes: number) {
    this.schema = schema
    this.seq = seq
    this.#ticks = new ByteWriter(capacityBytes)
  }

  get heldBytes(): number {
    return BLOCK_OVERHEAD_BYTES + this.#ticks.capacityBytes
  }

  get usedBytes(): number {
    return this.#ticks.length
  }

  /** The seq of the last tick. */
  get lastSeq(): number {
    return this.seq + this.count - 1
  }

  append(tick: QueueTick): void {
    // The arrays would swallow the place of such a tick without a word, and `read` would give others for it.
    if (this.count === BLOCK_TICKS) throw new Error(`BUG: a block that begins with seq ${this.seq} is full`)
    appendTick(this.#ticks, tick.bytes)
    this.#ends[this.count] = this.#ticks.length
    this.#wallMs[this.count] = tick.wallMs
    this.count++
  }

  /** The ticks from `seq` on and below `below`, as many as a batch may hold; seq is one of the block's, and below `below`. */
  read(seq: number, below: number): QueueBatch {
    const first = seq - this.seq
    const start = first === 0 ? 0 : (this.#ends[first - 1] as number)
    let last = Math.min(this.count, below - this.seq) - 1
    // With thousands of series the ticks up to the next key tick can be more than that: no server would take them.
    while (last > first && (this.#ends[last] as number) - start > LIMITS.batchTickBytes) last--
    return {
      schemaId: this.schema.id,
      seq,
      count: last - first + 1,
      firstWallMs: this.#wallMs[first] as number,
      lastWallMs: this.#wallMs[last] as number,
      ticks: this.#ticks.written().subarray(start, this.#ends[last]),
    }
  }

  /** Nothing more comes: gives back the room behind the last tick. */
  seal(): void {
    const sealed = new ByteWriter(this.#ticks.length)
    sealed.append(this.#ticks.written())
    this.#ticks = sealed
  }
}
