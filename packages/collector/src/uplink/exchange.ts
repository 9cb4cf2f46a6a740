import type { Socket } from 'node:net'
import { crc32 } from 'node:zlib'
import {
  decodeMessage,
  encodeFrame,
  encodeMessage,
  FrameReader,
  type FromCollector,
  type FromServer,
  type Hello,
  isFromServer,
  ProtocolError,
  type SchemaId,
  type Task,
  type Welcome,
} from '@godwit/protocol'
import { CollectorError } from '../errors.ts'
import { printable } from '../printable.ts'
import type { Queue } from '../queue/queue.ts'
import type { Clock } from '../tick/clock.ts'
import { FLOOR_MS } from './backoff.ts'
import { HaveRanges } from './have-ranges.ts'
import type { RateLimit } from './rate-limit.ts'

/** What an exchange asks of its owner. */
export interface ExchangeOwner {
  readonly clock: Clock
  readonly queue: Queue
  /** Numbers in 0..1. */
  readonly random: () => number
  /** What comes faster ends the exchange. */
  readonly taskRate: RateLimit
  readonly paceRate: RateLimit
  hello(): Hello
  welcomed(): void
  acknowledged(): void
  /** The connection is over; nothing more comes from this exchange. `retryAfterMs` is what the server asked for, if it did. */
  ended(error: CollectorError, retryAfterMs: number | undefined): void
  busy(waitMs: number): void
  task(task: Task): void
}

const ANSWER_MS = 30_000
const CONNECT_MS = 10_000
const CLOSE_GRACE_MS = 5000
/** Sent and not acknowledged: enough to keep a line busy, little enough to be sent again. */
const WINDOW_BYTES = 512 * 1024
/** Answers that wait for a server which asks and does not read. */
const MAX_ANSWER_BYTES = 64 * 1024
const REASON_CHARS = 128

type State =
  | { readonly name: 'connecting' }
  /** `offered` are the schemas of the Hello: the server can ask for no others. */
  | { readonly name: 'greeting'; readonly offered: readonly SchemaId[] }
  | { readonly name: 'streaming'; readonly knownSchemas: Set<SchemaId> }
  | { readonly name: 'busy'; readonly knownSchemas: Set<SchemaId> }
  | { readonly name: 'ended' }

interface InFlight {
  readonly seq: number
  readonly count: number
  readonly bytes: number
}

/** One connection: Hello, Welcome, then what the queue holds and the server has not, until either side ends it. */
export class Exchange {
  /** How often the server wants a flush while somebody watches; 0 leaves it to the collector. */
  pacedFlushMs = 0
  readonly #socket: Socket
  readonly #owner: ExchangeOwner
  readonly #reader = new FrameReader(crc32)
  #state: State = { name: 'connecting' }
  /** The next tick to send. */
  #nextSeq = 0
  /** What a flush has promised to send: all before this. */
  #flushBelow = 0
  /** The server has all before this. */
  #ackedBelow = 0
  /** What the server had when it was greeted. */
  #have = new HaveRanges([])
  #inFlight: InFlight[] = []
  #inFlightBytes = 0
  /** Answers that are still with us. */
  #answerBytes = 0
  #deadline: Disposable | undefined
  #busyTimer: Disposable | undefined

  constructor(socket: Socket, owner: ExchangeOwner) {
    this.#socket = socket
    this.#owner = owner
    socket.setNoDelay(true)
    socket.on('connect', () => this.#greet())
    socket.on('data', (chunk: Uint8Array) => {
      if (this.#state.name !== 'ended') this.#receive(chunk)
    })
    socket.on('drain', () => this.#sendWindow())
    socket.on('error', (cause: Error) => this.#end(unreachable(cause)))
    socket.on('close', () => this.#end(new CollectorError('SERVER_CLOSED')))
    this.#expect(CONNECT_MS)
  }

  get isStreaming(): boolean {
    return this.#state.name === 'streaming'
  }

  /** True if the server has acknowledged all that the queue holds. */
  get isDone(): boolean {
    const range = this.#owner.queue.range
    return range === undefined || this.#ackedBelow > range.hi
  }

  /** Sends what the queue holds now and is not sent yet; as far as the window goes at once, the rest as acks come. */
  flush(): void {
    this.#flushBelow = (this.#owner.queue.range?.hi ?? -1) + 1
    this.#sendWindow()
  }

  /** Sends the answer to something the server asked for. A server that reads none of them is left. */
  answer(message: FromCollector): void {
    if (!this.#isWelcome) return
    const answerBytes = this.#send(message, () => {
      this.#answerBytes -= answerBytes
    })
    this.#answerBytes += answerBytes
    if (this.#answerBytes > MAX_ANSWER_BYTES) this.#refuse('the server asks and does not read the answers')
  }

  /** Ends in order: what was sent arrives. */
  bye(reason: string): void {
    if (this.#isWelcome) this.#send({ type: 'bye', reason })
    this.#end(new CollectorError('SERVER_CLOSED', { what: reason }))
  }

  get #isWelcome(): boolean {
    return this.#state.name === 'streaming' || this.#state.name === 'busy'
  }

  /** Ticks that were taken after the flush wait for the next one: an ack is no reason to send them one by one. */
  #sendWindow(): void {
    if (this.#state.name !== 'streaming') return
    const hasRoom = (): boolean => this.#inFlightBytes < WINDOW_BYTES && this.#socket.writableLength < WINDOW_BYTES / 2
    while (hasRoom()) {
      const seq = this.#have.firstMissing(Math.max(this.#nextSeq, this.#owner.queue.range?.lo ?? 0))
      if (seq >= this.#flushBelow) return
      const batch = this.#owner.queue.read(seq, this.#have.nextHad(seq))
      if (batch === undefined) return
      this.#sendSchemaOf(batch.schemaId, this.#state.knownSchemas)
      this.#send({ type: 'batch', runIndex: 0, ...batch })
      this.#nextSeq = batch.seq + batch.count
      if (this.#inFlight.length === 0) this.#expect(ANSWER_MS)
      this.#inFlight.push({ seq: batch.seq, count: batch.count, bytes: batch.ticks.length })
      this.#inFlightBytes += batch.ticks.length
    }
  }

  #greet(): void {
    const hello = this.#owner.hello()
    this.#state = { name: 'greeting', offered: hello.schemas }
    this.#send(hello)
    this.#expect(ANSWER_MS)
  }

  #receive(chunk: Uint8Array): void {
    try {
      this.#reader.push(chunk)
      for (let frame = this.#reader.next(); frame !== undefined; frame = this.#reader.next()) {
        if (this.#state.name === 'ended') return
        const message = decodeMessage(frame.payload, frame.sentAtS)
        if (!isFromServer(message)) throw new ProtocolError('MESSAGE_UNEXPECTED', { message: message.type })
        this.#handle(message)
      }
    } catch (cause) {
      if (!(cause instanceof ProtocolError)) throw cause
      const hint = 'check the address and the port of the server'
      this.#end(new CollectorError('SERVER_PROTOCOL', { what: cause.message, hint }, { cause }))
    }
  }

  #handle(message: FromServer): void {
    switch (message.type) {
      case 'welcome':
        this.#welcome(message)
        return
      case 'ack':
        for (const { seq, count } of message.ranges) this.#acknowledge(seq, count)
        this.#owner.acknowledged()
        this.#sendWindow()
        return
      case 'pace':
        if (!this.#owner.paceRate.take(this.#owner.clock.monoMs())) {
          this.#refuse('the server sets the pace too often')
          return
        }
        this.pacedFlushMs = message.flushMs
        if (message.flushMs > 0) this.flush()
        return
      case 'busy':
        this.#busy(message.retryAfterMs)
        return
      case 'goaway':
        this.#end(
          new CollectorError('SERVER_GOAWAY', { what: `the server says: ${printable(message.reason, REASON_CHARS)}` }),
          message.retryAfterMs,
        )
        return
      case 'task':
        if (!this.#owner.taskRate.take(this.#owner.clock.monoMs())) {
          this.#refuse('the server sends too many tasks a minute')
          return
        }
        this.#owner.task(message)
        return
    }
  }

  /** The collector sends what it holds less what the server has. */
  #welcome(welcome: Welcome): void {
    if (this.#state.name !== 'greeting') throw new ProtocolError('MESSAGE_UNEXPECTED', { message: 'welcome' })
    const { queue } = this.#owner
    // Of a schema that came after the Hello the server knows nothing yet.
    const known = this.#state.offered.filter((id) => !welcome.wants.includes(id))
    this.#state = { name: 'streaming', knownSchemas: new Set(known) }
    this.#settle()
    this.pacedFlushMs = welcome.flushMs
    this.#have = new HaveRanges(welcome.have.filter(({ runIndex }) => runIndex === 0))
    this.#ackedBelow = this.#have.firstMissing(queue.range?.lo ?? 0)
    this.#nextSeq = this.#ackedBelow
    queue.acknowledgedBelow(this.#ackedBelow)
    this.#owner.welcomed()
    this.flush()
  }

  #acknowledge(seq: number, count: number): void {
    this.#inFlight = this.#inFlight.filter((sent) => {
      const isAcked = sent.seq >= seq && sent.seq + sent.count <= seq + count
      if (isAcked) this.#inFlightBytes -= sent.bytes
      return !isAcked
    })
    if (this.#inFlight.length === 0) this.#settle()
    else this.#expect(ANSWER_MS)
    const { queue } = this.#owner
    // Ticks that were evicted before they could be sent, and those that the server had, leave holes that no ack will fill.
    const expected = this.#have.firstMissing(Math.max(this.#ackedBelow, queue.range?.lo ?? 0))
    // An ack beyond a batch that the server refused proves nothing about that one, which is sent again.
    if (seq > expected || this.#state.name === 'busy') return
    this.#ackedBelow = this.#have.firstMissing(Math.max(expected, Math.min(seq + count, this.#nextSeq)))
    queue.acknowledgedBelow(this.#ackedBelow)
  }

  /** The server refused a batch: wait, then send all again that is not acknowledged. What it has already it will not store twice. */
  #busy(retryAfterMs: number): void {
    if (this.#state.name !== 'streaming') return
    const { knownSchemas } = this.#state
    this.#state = { name: 'busy', knownSchemas }
    this.#settle()
    this.#inFlight = []
    this.#inFlightBytes = 0
    const waitMs = Math.max(FLOOR_MS, retryAfterMs + this.#owner.random() * retryAfterMs)
    this.#owner.busy(waitMs)
    this.#busyTimer = this.#owner.clock.setTimer(waitMs, () => {
      this.#state = { name: 'streaming', knownSchemas }
      this.#nextSeq = this.#ackedBelow
      this.flush()
    })
  }

  #sendSchemaOf(schemaId: SchemaId, knownSchemas: Set<SchemaId>): void {
    if (knownSchemas.has(schemaId)) return
    const schema = this.#owner.queue.schemas.find(({ id }) => id === schemaId)
    if (schema !== undefined) this.#send({ type: 'schema', bytes: schema.bytes })
    knownSchemas.add(schemaId)
  }

  /** Returns the length of the frame in bytes. `written` is called when the system has taken it, or never will. */
  #send(message: FromCollector, written?: () => void): number {
    const sentAtS = Math.floor(this.#owner.clock.wallMs() / 1000)
    const frame = encodeFrame(2, sentAtS, encodeMessage(message, sentAtS), crc32)
    this.#socket.write(frame, written)
    return frame.length
  }

  /** Ends the connection unless something comes within `delayMs`. */
  #expect(delayMs: number): void {
    this.#settle()
    this.#deadline = this.#owner.clock.setTimer(delayMs, () => {
      this.#end(new CollectorError('SERVER_SILENT', { what: `no answer for ${delayMs / 1000} s` }))
      // A hung server answers no FIN either.
      this.#socket.destroy()
    })
  }

  #settle(): void {
    this.#deadline?.[Symbol.dispose]()
    this.#deadline = undefined
  }

  /** Ends an exchange with a server that speaks the protocol, and misuses it. */
  #refuse(what: string): void {
    this.#end(new CollectorError('SERVER_PROTOCOL', { what }))
    // What it goes on sending would have to be read until it ends its half.
    this.#socket.destroy()
  }

  #end(error: CollectorError, retryAfterMs?: number): void {
    if (this.#state.name === 'ended') return
    this.#state = { name: 'ended' }
    this.#settle()
    this.#busyTimer?.[Symbol.dispose]()
    this.#socket.end()
    // After our end nothing of the other side matters; without a reader its end would never be seen.
    this.#socket.resume()
    if (!this.#socket.destroyed) this.#destroyLater()
    this.#owner.ended(error, retryAfterMs)
  }

  /** A server that never ends its half would keep the socket for ever. */
  #destroyLater(): void {
    const timer = this.#owner.clock.setTimer(CLOSE_GRACE_MS, () => this.#socket.destroy())
    this.#socket.on('close', () => timer[Symbol.dispose]())
  }
}

function unreachable(cause: Error): CollectorError {
  const code = 'code' in cause ? String(cause.code) : ''
  const what = UNREACHABLE[code] ?? cause.message
  return new CollectorError('SERVER_UNREACHABLE', { what }, { cause })
}

const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens at this address (ECONNREFUSED)',
  ECONNRESET: 'the server reset the connection (ECONNRESET)',
  EHOSTUNREACH: 'there is no way to the host (EHOSTUNREACH)',
  ENETUNREACH: 'there is no way to the network (ENETUNREACH)',
  ENOTFOUND: 'the name of the server is not known (ENOTFOUND)',
  EAI_AGAIN: 'no name server answers (EAI_AGAIN)',
  ETIMEDOUT: 'the server does not answer (ETIMEDOUT)',
  EPIPE: 'the server closed the connection (EPIPE)',
}
