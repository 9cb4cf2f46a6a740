import { LIMITS, MAX_TICKS_PER_KEY, type Schema } from '@godwit/protocol'
import type { Queue, QueueBatch, QueueCounts, QueueTick } from './queue.ts'
import { BLOCK_TICKS, TickBlock } from './tick-block.ts'

const FIRST_BLOCK_BYTES = 4096
/** A block over this is not continued: a batch has to stay well under the limit of a frame. */
const FULL_BLOCK_BYTES = LIMITS.batchTickBytes / 4

/** The queue in memory: lost with the process. Blocks begin with key ticks, so what is left after an eviction can be decoded. */
export class MemoryQueue implements Queue {
  readonly run: number
  readonly #limitBytes: number
  readonly #blocks: TickBlock[] = []
  #heldBytes = 0
  #ackedBelow = 0
  #evictedTicks = 0

  /** `limitBytes` bounds all that the queue holds, its own overhead included; one block is always kept. */
  constructor(run: number, limitBytes: number) {
    this.run = run
    this.#limitBytes = limitBytes
  }

  get counts(): QueueCounts {
    const range = this.range
    const heldTicks = range === undefined ? 0 : range.hi - range.lo + 1
    const owedTicks = range === undefined ? 0 : range.hi - Math.max(range.lo, this.#ackedBelow) + 1
    return {
      heldTicks,
      heldBytes: this.#heldBytes,
      owedTicks: Math.max(0, owedTicks),
      evictedTicks: this.#evictedTicks,
    }
  }

  get schemas(): readonly Schema[] {
    return [...new Set(this.#blocks.map(({ schema }) => schema))]
  }

  get range(): { readonly lo: number; readonly hi: number } | undefined {
    const first = this.#blocks[0]
    const last = this.#blocks.at(-1)
    return first === undefined || last === undefined ? undefined : { lo: first.seq, hi: last.lastSeq }
  }

  append(tick: QueueTick, schema: Schema): void {
    let block = this.#blocks.at(-1)
    if (block === undefined || (tick.isKey && mustEnd(block, schema))) block = this.#begin(tick, schema)
    const before = block.heldBytes
    block.append(tick)
    this.#heldBytes += block.heldBytes - before
    this.#evict()
  }

  read(seq: number, below: number = Number.POSITIVE_INFINITY): QueueBatch | undefined {
    const block = this.#blocks.find(({ lastSeq }) => lastSeq >= seq)
    if (block === undefined) return undefined
    const first = Math.max(seq, block.seq)
    return first < below ? block.read(first, below) : undefined
  }

  acknowledgedBelow(seq: number): void {
    this.#ackedBelow = seq
    this.#dropAcked()
  }

  #begin(tick: QueueTick, schema: Schema): TickBlock {
    const last = this.#blocks.at(-1)
    if (last !== undefined) {
      const before = last.heldBytes
      last.seal()
      this.#heldBytes += last.heldBytes - before
    }
    const block = new TickBlock(schema, tick.seq, FIRST_BLOCK_BYTES)
    this.#blocks.push(block)
    this.#heldBytes += block.heldBytes
    this.#dropAcked()
    return block
  }

  /** The block that is being written stays: it is what a server that lost everything can still be given. */
  #dropAcked(): void {
    while (this.#blocks.length > 1 && (this.#blocks[0] as TickBlock).lastSeq < this.#ackedBelow) this.#drop()
  }

  #evict(): void {
    while (this.#heldBytes > this.#limitBytes && this.#blocks.length > 1) {
      const oldest = this.#blocks[0] as TickBlock
      this.#evictedTicks += Math.max(0, oldest.lastSeq - Math.max(oldest.seq, this.#ackedBelow) + 1)
      this.#drop()
    }
  }

  #drop(): void {
    const dropped = this.#blocks.shift() as TickBlock
    this.#heldBytes -= dropped.heldBytes
  }
}

/** Whether another group of ticks up to the next key tick might not fit. */
function mustEnd(block: TickBlock, schema: Schema): boolean {
  return block.schema !== schema || block.count + MAX_TICKS_PER_KEY > BLOCK_TICKS || block.usedBytes > FULL_BLOCK_BYTES
}
