import { hash } from 'node:crypto'
import { createSchema, type Schema, type Series, TickEncoder } from '@godwit/protocol'
import type { Queue } from '../queue/queue.ts'
import type { Sample } from './sampler.ts'

/** Encodes each sample once, the moment it is taken, and puts it into the queue. */
export class Recorder {
  readonly #queue: Queue
  readonly #intervalMs: number
  #seq = 0
  #encoder: TickEncoder | undefined
  /** Schemas that were in use: devices come and go, and the same list of series is the same schema. */
  #schemas: Schema[] = []

  constructor(queue: Queue, intervalMs: number) {
    this.#queue = queue
    this.#intervalMs = intervalMs
  }

  /** `series` is what the values of the sample stand for. */
  record(sample: Sample, series: readonly Series[]): void {
    if (this.#encoder === undefined || sample.seriesChanged) this.#encoder = this.#encoderOf(series)
    const { wallMs, monoMs, missed, values } = sample
    const seq = this.#seq++
    const { isKey, bytes } = this.#encoder.encode({ seq, wallMs, monoMs, missed }, values)
    this.#queue.append({ seq, wallMs, isKey, bytes }, this.#encoder.schema)
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
