import { hash } from 'node:crypto'
import {
  createSchema,
  type Schema,
  type Series,
  seriesOf,
  type Task,
  type TaskResult,
  TickEncoder,
} from '@godwit/protocol'
import type { CollectorError } from '../errors.ts'
import { MemoryQueue } from '../queue/memory-queue.ts'
import { TestClock } from '../tick/test-clock.ts'
import { Uplink, type UplinkChange } from './uplink.ts'

/** About 800 bytes a tick: floats that change each second. */
const SERIES: readonly Series[] = Array.from({ length: 100 }, (_, i) => ({
  ...seriesOf('cpu_used_ratio'),
  name: `cpu_user_ratio{cpu="${i}"}`,
  resolution: null,
}))

const SCHEMA: Schema = createSchema(SERIES, sha256)

/** For tests: a schema that comes up later, as when a device is plugged in. */
export const LATER_SCHEMA: Schema = createSchema(SERIES.slice(1), sha256)

const RUN = 77

function sha256(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer')
}

function encoderOf(schema: Schema): TickEncoder {
  return new TickEncoder({ schema, run: RUN, intervalMs: 1000 })
}

/** For tests: an uplink with its queue, under a clock that the test drives; ends with the test. */
export class TestUplink implements AsyncDisposable {
  readonly clock: TestClock = new TestClock(1_700_000_000_000)
  readonly queue: MemoryQueue
  readonly uplink: Uplink
  readonly changes: string[] = []
  readonly errors: CollectorError[] = []
  readonly tasks: Task[] = []
  taskOutcome: TaskResult['outcome'] = 'done'
  /** Tick bytes in hex by seq: what was put into the queue. */
  readonly put: Map<number, string> = new Map()
  #encoder = encoderOf(SCHEMA)

  constructor(port: number, options: { queueBytes?: number; random?: number } = {}) {
    const { queueBytes = 64 * 1024 * 1024, random = 0.5 } = options
    this.queue = new MemoryQueue(RUN, queueBytes)
    this.uplink = new Uplink({
      server: { host: '127.0.0.1', port },
      collector: new Uint8Array(16).fill(7),
      name: 'test',
      software: 'test',
      host: {},
      intervalMs: 1000,
      flushMs: 10_000,
      backoffCapMs: 4000,
      queue: this.queue,
      clock: this.clock,
      random: () => random,
      onChange: (change: UplinkChange) => {
        this.changes.push(change.state === 'connected' ? 'connected' : change.error.code)
        if (change.state === 'disconnected') this.errors.push(change.error)
      },
      onTask: (task) => {
        this.tasks.push(task)
        return this.taskOutcome
      },
    })
  }

  /** Puts ticks into the queue, without a word to the uplink. */
  queueTicks(count: number, schema: Schema = SCHEMA): void {
    for (let i = 0; i < count; i++) {
      const seq = this.put.size
      const head = { seq, wallMs: this.clock.wallMs(), monoMs: this.clock.monoMs(), missed: 0 }
      const values = Float64Array.from(schema.series, (_, series) => Math.sin(seq * 100 + series))
      if (this.#encoder.schema !== schema) this.#encoder = encoderOf(schema)
      const tick = this.#encoder.encode(head, values)
      this.queue.append({ seq, wallMs: head.wallMs, ...tick }, schema)
      this.put.set(seq, tick.bytes.toHex())
    }
  }

  /** Seconds pass, each with a tick. */
  tick(seconds = 1): void {
    for (let i = 0; i < seconds; i++) {
      this.queueTicks(1)
      this.uplink.ticked()
      this.clock.run(1000)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const stopped = this.uplink.stop()
    this.clock.run(10_000)
    await stopped
    this.clock.run(10_000)
  }
}
