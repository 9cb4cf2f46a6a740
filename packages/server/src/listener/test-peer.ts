import { connect, type Socket } from 'node:net'
import { crc32 } from 'node:zlib'
import { decodeMessage, encodeFrame, encodeMessage, FrameReader, type Hello, type Message } from '@godwit/protocol'

/** For tests: one turn of the event loop, in which sockets and threads go on. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

/** For tests: lets sockets and the store go on until `condition` holds. Throws when it still does not after very many turns. */
export async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < MAX_TURNS; i++) {
    if (condition()) return
    await turn()
  }
  throw new Error(`never came true: ${condition.toString()}`)
}

const MAX_TURNS = 5_000_000

/** For tests: the collector's end of a connection. */
export class TestPeer implements Disposable {
  readonly socket: Socket
  /** Each segment as it came. */
  readonly chunks: Uint8Array[] = []
  readonly messages: Message[] = []
  /** Of our connection: 'end' in order, or an error's code. */
  ending: string | undefined
  readonly #reader = new FrameReader(crc32)

  constructor(port: number, options: { localAddress?: string; version?: 1 | 2; allowHalfOpen?: boolean } = {}) {
    const { version = 2, localAddress, allowHalfOpen = false } = options
    this.socket = connect({ host: '127.0.0.1', port, allowHalfOpen, ...(localAddress && { localAddress }) })
    this.socket.setNoDelay(true)
    this.socket.on('data', (chunk: Uint8Array) => {
      this.chunks.push(chunk)
      if (version === 2) this.#read(chunk)
    })
    this.socket.on('end', () => {
      this.ending ??= 'end'
    })
    this.socket.on('error', (error: Error & { code?: string }) => {
      this.ending ??= error.code ?? error.message
    })
  }

  /** All bytes that came, in hex. */
  get received(): string {
    return Buffer.concat(this.chunks).toHex()
  }

  send(...messages: readonly Message[]): void {
    for (const message of messages) this.socket.write(frameOf(message))
  }

  of<T extends Message['type']>(type: T): Extract<Message, { type: T }>[] {
    return this.messages.filter((message): message is Extract<Message, { type: T }> => message.type === type)
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }

  #read(chunk: Uint8Array): void {
    this.#reader.push(chunk)
    for (let frame = this.#reader.next(); frame !== undefined; frame = this.#reader.next()) {
      this.messages.push(decodeMessage(frame.payload, frame.sentAtS))
    }
  }
}

/** For tests: unix seconds at which every frame says that it was sent. */
const SENT_AT_S = 1_767_225_600

export function frameOf(message: Message): Uint8Array {
  return encodeFrame(2, SENT_AT_S, encodeMessage(message, SENT_AT_S), crc32)
}

/** For tests: a Hello of a collector whose UUID ends with `id`. */
export function helloOf(id: number, changes: Partial<Hello> = {}): Hello {
  const collector = new Uint8Array(16)
  new DataView(collector.buffer).setUint32(12, id)
  return {
    type: 'hello',
    collector,
    name: `c${id}`,
    software: 'test',
    wallMs: SENT_AT_S * 1000,
    monoMs: 0,
    intervalMs: 1000,
    flushMs: 10_000,
    runs: [{ run: 77, lo: 0, hi: 9 }],
    schemas: [],
    host: { os: 'linux' },
    ...changes,
  }
}

/** For tests: ticks lo..hi that only the store's tests would find wrong: nobody decodes them here. */
export function batchMessage(lo: number, hi: number, runIndex = 0): Extract<Message, { type: 'batch' }> {
  const count = hi - lo + 1
  const ticks = new Uint8Array(count * 2)
  for (let i = 0; i < count; i++) ticks.set([1, (lo + i) & 0x7f], i * 2)
  const firstWallMs = SENT_AT_S * 1000
  return { type: 'batch', runIndex, seq: lo, count, firstWallMs, lastWallMs: firstWallMs + (count - 1) * 1000, ticks }
}
