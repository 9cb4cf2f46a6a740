import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { crc32 } from 'node:zlib'
import {
  type AckedRange,
  type Batch,
  decodeMessage,
  encodeFrame,
  encodeMessage,
  FrameReader,
  type Hello,
  type Message,
  type Schema,
} from '@godwit/protocol'
import type { Clock } from '../clock.ts'
import type { Address } from '../options/address.ts'

/** Batches that may be under way at a time. */
const WINDOW = 4

/** The wire as a collector speaks it, without a queue: what was not acknowledged is sent again after Busy, on the same connection. */
export class WireClient {
  readonly #socket: Socket
  readonly #clock: Clock
  readonly #schemas: readonly Schema[]
  readonly #reader: FrameReader = new FrameReader(crc32)
  readonly #acked: (batch: Batch) => void
  #unacked: Batch[] = []
  #isWelcome = false
  #isClosed = false
  #wake: (() => void) | undefined

  private constructor(socket: Socket, clock: Clock, schemas: readonly Schema[], acked: (batch: Batch) => void) {
    this.#socket = socket
    this.#clock = clock
    this.#schemas = schemas
    this.#acked = acked
    socket.on('data', (chunk) => this.#receive(chunk as Buffer))
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#isClosed = true
      this.#wakeUp()
    })
  }

  /** Resolves after Welcome. `acked` hears of each batch that is committed. Rejects if nobody listens. */
  static async open(
    address: Address,
    hello: Hello,
    schemas: readonly Schema[],
    clock: Clock,
    acked: (batch: Batch) => void,
  ): Promise<WireClient> {
    const socket = connect({ ...address, noDelay: true })
    await once(socket, 'connect')
    const client = new WireClient(socket, clock, schemas, acked)
    client.#write(hello)
    await client.#until(() => client.#isWelcome)
    return client
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Resolves when there is room for another batch, or the connection is gone. */
  async send(batch: Batch): Promise<void> {
    if (this.#isClosed) return
    this.#unacked.push(batch)
    this.#write({ type: 'batch', ...batch })
    await this.#until(() => this.#unacked.length < WINDOW)
  }

  /** Resolves when all that was sent is committed, or the connection is gone. */
  async drained(): Promise<void> {
    await this.#until(() => this.#unacked.length === 0)
  }

  async close(): Promise<void> {
    if (!this.#isClosed) {
      this.#write({ type: 'bye', reason: 'the demo ends' })
      this.#socket.end()
    }
    await this.#until(() => this.#isClosed)
  }

  #receive(chunk: Uint8Array): void {
    this.#reader.push(chunk)
    for (let frame = this.#reader.next(); frame !== undefined; frame = this.#reader.next()) {
      this.#handle(decodeMessage(frame.payload, frame.sentAtS))
    }
  }

  #handle(message: Message): void {
    if (message.type === 'welcome') {
      for (const schema of this.#schemas) {
        if (message.wants.includes(schema.id)) this.#write({ type: 'schema', bytes: schema.bytes })
      }
      this.#isWelcome = true
    }
    if (message.type === 'ack') this.#forget(message.ranges)
    if (message.type === 'busy') this.#clock.setTimer(message.retryAfterMs, () => this.#resend())
    if (message.type === 'goaway') this.#socket.end()
    this.#wakeUp()
  }

  #forget(ranges: readonly AckedRange[]): void {
    const isIn = (batch: Batch): boolean =>
      ranges.some(
        ({ runIndex, seq, count }) =>
          runIndex === batch.runIndex && seq <= batch.seq && batch.seq + batch.count <= seq + count,
      )
    for (const batch of this.#unacked) if (isIn(batch)) this.#acked(batch)
    this.#unacked = this.#unacked.filter((batch) => !isIn(batch))
  }

  #resend(): void {
    for (const batch of this.#unacked) this.#write({ type: 'batch', ...batch })
  }

  #write(message: Message): void {
    if (!this.#socket.writable) return
    const sentAtS = Math.floor(this.#clock.wallMs() / 1000)
    this.#socket.write(encodeFrame(2, sentAtS, encodeMessage(message, sentAtS), crc32))
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition() && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  #wakeUp(): void {
    this.#wake?.()
    this.#wake = undefined
  }
}
