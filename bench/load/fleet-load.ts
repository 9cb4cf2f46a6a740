/**
 * A process that plays a fleet: many connections that send real ticks as collectors do, and measure how long acks take.
 * Everything is encoded before the clock starts, so that the load costs as little as it can beside the server.
 */
import { hash, randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { crc32 } from 'node:zlib'
import {
  appendTick,
  ByteWriter,
  createSchema,
  decodeMessage,
  encodeFrame,
  encodeMessage,
  FrameReader,
  type Message,
  type Schema,
  TickEncoder,
} from '@godwit/protocol'
import { readDataset } from '../dataset.ts'
import type { LoadPlan } from './load-plan.ts'
import { machineTick, startOfTicksMs } from './machine-ticks.ts'
import { fail, type LoadWatch, playConnections } from './play-connections.ts'

const RUN_BASE = 0x1000_0000
const schema: Schema = createSchema(readDataset().series, (bytes) => hash('sha256', bytes, 'buffer'))

class Sender {
  readonly #frames: Uint8Array[]
  readonly #plan: LoadPlan
  readonly #run: number
  #socket: Socket | undefined
  readonly #reader = new FrameReader(crc32)
  readonly #sentAtMs: number[] = []
  readonly #watch: LoadWatch
  #acked = 0

  constructor(index: number, plan: LoadPlan, watch: LoadWatch) {
    this.#plan = plan
    this.#watch = watch
    this.#run = RUN_BASE + index
    this.#frames = encodeFrames(this.#run, index, plan)
  }

  connect(): void {
    const socket = connect({ host: '127.0.0.1', port: this.#plan.port, noDelay: true })
    this.#socket = socket
    socket.on('error', (error) => fail(error.message))
    socket.on('data', (chunk: Uint8Array) => this.#receive(chunk))
    socket.on('close', () => this.isDone || fail('the server closed a connection'))
    socket.on('connect', () => this.#write(helloOf(this.#run)))
  }

  get isDone(): boolean {
    return this.#acked === this.#frames.length
  }

  sendNext(): void {
    const frame = this.#frames[this.#sentAtMs.length]
    if (frame === undefined) return
    this.#sentAtMs.push(performance.now())
    this.#socket?.write(frame)
  }

  /** As many batches as may be in flight, in one write. */
  sendWindow(): void {
    this.#socket?.cork()
    for (let i = 0; i < this.#plan.window; i++) this.sendNext()
    this.#socket?.uncork()
  }

  #receive(chunk: Uint8Array): void {
    this.#reader.push(chunk)
    for (let frame = this.#reader.next(); frame !== undefined; frame = this.#reader.next()) {
      const message = decodeMessage(frame.payload, frame.sentAtS)
      if (message.type === 'welcome') {
        this.#write({ type: 'schema', bytes: schema.bytes })
        this.sendNext()
      } else if (this.isDone) return
      else if (message.type === 'ack') this.#acknowledge(message.ranges.reduce((sum, { count }) => sum + count, 0))
      else fail(`unexpected ${message.type}`)
    }
  }

  #acknowledge(ticks: number): void {
    const nowMs = performance.now()
    for (let left = ticks; left > 0; left -= this.#plan.ticksPerBatch) {
      const batch = this.#acked++
      if (batch >= this.#plan.warmUpBatches) this.#watch.ackMs.push(nowMs - (this.#sentAtMs[batch] as number))
    }
    // One write for all that the window allows again, as a collector's flush makes one.
    if (this.#acked < this.#plan.warmUpBatches) this.sendNext()
    else if (this.#acked === this.#plan.warmUpBatches) this.#watch.onWarm()
    else if (this.#plan.batchesPerS === null && this.#acked === this.#sentAtMs.length) this.sendWindow()
    if (!this.isDone) return
    this.#socket?.end()
    this.#watch.onDone()
  }

  #write(message: Message): void {
    const sentAtS = Math.floor(Date.now() / 1000)
    this.#socket?.write(encodeFrame(2, sentAtS, encodeMessage(message, sentAtS), crc32))
  }
}

function helloOf(run: number): Message {
  return {
    type: 'hello',
    collector: randomBytes(16),
    name: `load ${run - RUN_BASE}`,
    software: 'bench',
    wallMs: Date.now(),
    monoMs: 0,
    intervalMs: 1000,
    flushMs: 10_000,
    runs: [{ run, lo: 0, hi: 0 }],
    schemas: [schema.id],
    host: {},
  }
}

function encodeFrames(run: number, index: number, plan: LoadPlan): Uint8Array[] {
  const encoder = new TickEncoder({ schema, run, intervalMs: 1000 })
  const ticks = new ByteWriter(1024)
  const startMs = startOfTicksMs(plan.batchesPerConnection * plan.ticksPerBatch)
  return Array.from({ length: plan.batchesPerConnection }, (_, batch) => {
    ticks.clear()
    const first = batch * plan.ticksPerBatch
    for (let seq = first; seq < first + plan.ticksPerBatch; seq++) {
      const { row, wallMs } = machineTick(index, seq, startMs)
      const { bytes } = encoder.encode({ seq, wallMs, monoMs: seq * 1000, missed: 0 }, row)
      appendTick(ticks, bytes)
    }
    const firstWallMs = startMs + first * 1000
    const lastWallMs = firstWallMs + (plan.ticksPerBatch - 1) * 1000
    const sentAtS = Math.ceil(lastWallMs / 1000)
    const message: Message = {
      type: 'batch',
      runIndex: 0,
      seq: first,
      count: plan.ticksPerBatch,
      firstWallMs,
      lastWallMs,
      ticks: ticks.written(),
    }
    return encodeFrame(2, sentAtS, encodeMessage(message, sentAtS), crc32)
  })
}

/** Lets one connection after the other send a window, evenly over time. */
function pace(senders: readonly Sender[], windowsPerS: number, total: number): void {
  const startMs = performance.now()
  let sent = 0
  const timer = setInterval(() => {
    const due = Math.min(total, Math.floor(((performance.now() - startMs) / 1000) * windowsPerS))
    for (; sent < due; sent++) senders[sent % senders.length]?.sendWindow()
    if (sent === total) clearInterval(timer)
  }, 1)
}

const plan = JSON.parse(process.argv[2] as string) as LoadPlan
playConnections(
  plan,
  (index, watch) => new Sender(index, plan, watch),
  (senders) => {
    const windows = (plan.connections * (plan.batchesPerConnection - plan.warmUpBatches)) / plan.window
    if (plan.batchesPerS !== null) pace(senders, plan.batchesPerS / plan.window, windows)
    else for (const sender of senders) sender.sendWindow()
  },
)
