import { appendTick, type Batch, ByteWriter, LIMITS, type TickEncoder } from '@godwit/protocol'

/** Leaves room for the longest tick, so that a batch that is not yet full never gets too large. */
const FULL_BYTES = LIMITS.batchTickBytes - LIMITS.tickBytes
const MAX_TICKS = 600

/** Gathers ticks of one run, as they are encoded, into batches. */
export class TickBatches {
  readonly #encoder: TickEncoder
  readonly #runIndex: number
  readonly #ticks: ByteWriter = new ByteWriter(65_536)
  #seq = 0
  #count = 0
  #firstWallMs = 0
  #lastWallMs = 0

  constructor(encoder: TickEncoder, runIndex: number) {
    this.#encoder = encoder
    this.#runIndex = runIndex
  }

  get isFull(): boolean {
    return this.#count === MAX_TICKS || this.#ticks.length >= FULL_BYTES
  }

  add(wallMs: number, values: Float64Array): void {
    const { bytes } = this.#encoder.encode({ seq: this.#seq + this.#count, wallMs, monoMs: wallMs, missed: 0 }, values)
    if (this.#count === 0) this.#firstWallMs = wallMs
    this.#lastWallMs = wallMs
    this.#count++
    appendTick(this.#ticks, bytes)
  }

  /** What was gathered since the last call; undefined if that is nothing. */
  take(): Batch | undefined {
    if (this.#count === 0) return undefined
    const batch: Batch = {
      runIndex: this.#runIndex,
      seq: this.#seq,
      count: this.#count,
      firstWallMs: this.#firstWallMs,
      lastWallMs: this.#lastWallMs,
      ticks: this.#ticks.written().slice(),
    }
    this.#seq += this.#count
    this.#count = 0
    this.#ticks.clear()
    return batch
  }
}
