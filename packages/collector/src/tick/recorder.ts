import { hash } from 'node:crypto'
import { createSchema, ProtocolError, type Schema, type Series, TickEncoder } from '@godwit/protocol'
import type { Queue } from '../queue/queue.ts'
import type { Sample } from './sampler.ts'

/** Encodes each sample once, the moment it is taken, and puts it into the queue. */
export class Recorder {
  readonly #queue: Queue
  readonly #intervalMs: number
  readonly #onDrop: (error: ProtocolError) => void
  #seq = 0
  /** Ticks that were dropped since the last one that was not, and what was missed before them. */
  #dropped = 0
  #encoder: TickEncoder | undefined
  /** Schemas that were in use: devices come and go, and the same list of series is the same schema. */
  #schemas: Schema[] = []

  /** `onDrop` is called for the first of the ticks in a row that can't be encoded. */
  constructor(queue: Queue, intervalMs: number, onDrop: (error: ProtocolError) => void = () => {}) {
    this.#queue = queue
    this.#intervalMs = intervalMs
    this.#onDrop = onDrop
  }

  /**
   * `series` is what the values of the sample stand for. False if no tick can be made of them: it is dropped, and counts as
   * missed in the next one. Values under the names of another schema would be false.
   */
  record(sample: Sample, series: readonly Series[]): boolean {
    if (sample.seriesChanged) this.#encoder = undefined
    const { wallMs, monoMs, values } = sample
    const missed = sample.missed + this.#dropped
    try {
      this.#encoder ??= this.#encoderOf(series)
      const tick = this.#encoder.encode({ seq: this.#seq, wallMs, monoMs, missed }, values)
      this.#queue.append({ seq: this.#seq, wallMs, ...tick }, this.#encoder.schema)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      if (this.#dropped === 0) this.#onDrop(error)
      this.#dropped = missed + 1
      return false
    }
    this.#seq++
    this.#dropped = 0
    return true
  }

  #encoderOf(series: readonly Series[]): TickEncoder {
    const made = createSchema(series, (bytes) => hash('sha256', bytes, 'buffer'))
    let schema = this.#schemas.find(({ id }) => id === made.id)
    if (schema === undefined) {
      schema = made
      this.#schemas = [...this.#schemas.slice(1 - MAX_KEPT_SCHEMAS), schema]
    }
    return new TickEncoder({ schema, run: this.#queue.run, intervalMs: this.#intervalMs })
  }
}

const MAX_KEPT_SCHEMAS = 8
