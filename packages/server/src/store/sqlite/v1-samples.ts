import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { appendTick, ByteWriter, TickEncoder } from '@godwit/protocol'
import type { CollectorNo, StoredBatch, V1Sample } from '../store.ts'
import { V1_RUN, V1_SCHEMA } from '../v1-schema.ts'

/**
 * Makes ticks of version 1 samples. They carry no seq, so the same collector, second and values again is the same sample: the
 * v1_sample table remembers them, in the transaction that stores them. Two different samples may carry the same second.
 */
export class V1Samples {
  readonly #remember: StatementSync
  readonly #encoders = new Map<CollectorNo, TickEncoder>()

  constructor(database: DatabaseSync) {
    this.#remember = database.prepare('INSERT OR IGNORE INTO v1_sample (collector, wall_ms, content) VALUES (?, ?, ?)')
  }

  /** The sample as a batch of one tick with the given seq; null if it is stored already. */
  tickOf(sample: V1Sample, seq: number): StoredBatch | null {
    const content = new Uint8Array(Float64Array.from(sample.values).buffer)
    const { changes } = this.#remember.run(sample.collectorNo, sample.wallMs, content)
    if (changes === 0) return null
    const head = { seq, wallMs: sample.wallMs, monoMs: sample.wallMs, missed: 0 }
    const { bytes } = this.#encoderOf(sample.collectorNo).encode(head, Float64Array.from(sample.values))
    return {
      collectorNo: sample.collectorNo,
      run: V1_RUN,
      seq,
      count: 1,
      firstMs: sample.wallMs,
      lastMs: sample.wallMs,
      ticks: ticksOf(bytes),
    }
  }

  /** After a rollback: what the encoders think was stored last was not. They begin anew with key ticks. */
  forget(): void {
    this.#encoders.clear()
  }

  #encoderOf(collectorNo: CollectorNo): TickEncoder {
    const known = this.#encoders.get(collectorNo)
    if (known !== undefined) return known
    // One that is let go begins anew with a key tick.
    if (this.#encoders.size >= MAX_ENCODERS) this.#encoders.delete(this.#encoders.keys().next().value as CollectorNo)
    const encoder = new TickEncoder({ schema: V1_SCHEMA, run: V1_RUN, intervalMs: 1000 })
    this.#encoders.set(collectorNo, encoder)
    return encoder
  }
}

/** A few KiB each. */
const MAX_ENCODERS = 4096

/** The ticks of a batch of one. */
function ticksOf(tick: Uint8Array): Uint8Array {
  const writer = new ByteWriter(tick.length + 3)
  appendTick(writer, tick)
  return writer.written()
}
