import { LIMITS, type Schema } from '@godwit/protocol'
import type { QueueBatch, QueueTick } from './queue.ts'

export const BLOCK_TICKS = 256

/** What a block costs besides its bytes: a few objects, and 12 bytes a tick. */
const BLOCK_OVERHEAD_BYTES = 600 + BLOCK_TICKS * 12

/** Consecutive ticks of one schema that begin with a key tick, packed as they go on the wire: length, then bytes. */
export class TickBlock {
  readonly schema: Schema
  readonly seq: number
  count = 0
  #bytes: Uint8Array
  #length = 0
  readonly #ends = new Uint32Array(BLOCK_TICKS)
  readonly #wallMs = new Float64Array(BLOCK_TICKS)

  constructor(schema: Schema, seq: number, capacityBytes: number) {
    this.schema = schema
    this.seq = seq
    this.#bytes = new Uint8Array(capacityBytes)
  }

  get heldBytes(): number {
    return BLOCK_OVERHEAD_BYTES + this.#bytes.length
  }

  get usedBytes(): number {
    return this.#length
  }

  /** The seq of the last tick. */
  get lastSeq(): number {
    return this.seq + this.count - 1
  }

  append(tick: QueueTick): void {
    const length = tick.bytes.length
    this.#reserve(length + 3)
    let rest = length
    for (; rest >= 0x80; rest >>>= 7) this.#bytes[this.#length++] = (rest & 0x7f) | 0x80
    this.#bytes[this.#length++] = rest
    this.#bytes.set(tick.bytes, this.#length)
    this.#length += length
    this.#ends[this.count] = this.#length
    this.#wallMs[this.count] = tick.wallMs
    this.count++
  }

  /** The ticks from `seq` on, as many as a batch may hold; seq is one of the block's. */
  read(seq: number): QueueBatch {
    const first = seq - this.seq
    const start = first === 0 ? 0 : (this.#ends[first - 1] as number)
    let last = this.count - 1
    // With thousands of series the ticks up to the next key tick can be more than that: no server would take them.
    while (last > first && (this.#ends[last] as number) - start > LIMITS.batchTickBytes) last--
    return {
      schemaId: this.schema.id,
      seq,
      count: last - first + 1,
      firstWallMs: this.#wallMs[first] as number,
      lastWallMs: this.#wallMs[last] as number,
      ticks: this.#bytes.subarray(start, this.#ends[last]),
    }
  }

  /** Nothing more comes: gives back the room behind the last tick. */
  seal(): void {
    this.#bytes = this.#bytes.slice(0, this.#length)
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
  }
}
