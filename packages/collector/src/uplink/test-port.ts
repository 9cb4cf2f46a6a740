import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { crc32 } from 'node:zlib'
import { decodeMessage, encodeFrame, encodeMessage, FrameReader, type Message, TickCursor } from '@godwit/protocol'

/** For tests: one turn of the event loop, in which sockets and threads go on. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

/** For tests: lets sockets go on until `condition` holds. Throws when it still does not after very many turns. */
export async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < MAX_TURNS; i++) {
    if (condition()) return
    await turn()
  }
  throw new Error(`never came true: ${condition.toString()}`)
}

const MAX_TURNS = 1_000_000

/** For tests: the server's end of one connection. */
export class TestConnection {
  readonly socket: Socket
  readonly messages: Message[] = []
  isClosed = false

  constructor(socket: Socket, receive: (connection: TestConnection, message: Message) => void) {
    this.socket = socket
    const reader = new FrameReader(crc32)
    // Two small answers must not wait for each other.
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.on('close', () => {
      this.isClosed = true
    })
    socket.on('data', (chunk: Uint8Array) => {
      reader.push(chunk)
      for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
        const message = decodeMessage(frame.payload, frame.sentAtS)
        this.messages.push(message)
        receive(this, message)
      }
    })
  }

  send(message: Message): void {
    this.socket.write(encodeFrame(2, 0, encodeMessage(message, 0), crc32))
  }

  of<T extends Message['type']>(type: T): Extract<Message, { type: T }>[] {
    return this.messages.filter((message): message is Extract<Message, { type: T }> => message.type === type)
  }
}

/** For tests: a TCP server that speaks the protocol, keeps what it is sent, and misbehaves as the test says. */
export class TestPort implements AsyncDisposable {
  readonly connections: TestConnection[] = []
  /** Tick bytes in hex by seq: what is committed. */
  readonly stored: Map<number, string> = new Map()
  /** Ticks that came again. */
  duplicates = 0
  /** What the test does with a message; true if that is all. */
  onMessage: (connection: TestConnection, message: Message) => boolean = () => false
  readonly #server: Server = createServer((socket) => {
    this.connections.push(new TestConnection(socket, (connection, message) => this.#receive(connection, message)))
  })

  static async listen(port = 0): Promise<TestPort> {
    const made = new TestPort()
    made.#server.listen(port, '127.0.0.1')
    await once(made.#server, 'listening')
    return made
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get last(): TestConnection | undefined {
    return this.connections.at(-1)
  }

  commit(batch: Extract<Message, { type: 'batch' }>): void {
    const cursor = new TickCursor(batch.ticks)
    for (let seq = batch.seq; cursor.next(); seq++) {
      if (this.stored.has(seq)) this.duplicates++
      else this.stored.set(seq, batch.ticks.subarray(cursor.start, cursor.end).toHex())
    }
  }

  ack(connection: TestConnection, { seq, count }: Extract<Message, { type: 'batch' }>): void {
    connection.send({ type: 'ack', ranges: [{ runIndex: 0, seq, count }] })
  }

  welcome(connection: TestConnection): void {
    const have: { runIndex: number; lo: number; hi: number }[] = []
    for (const seq of [...this.stored.keys()].sort((a, b) => a - b)) {
      const range = have.at(-1)
      if (range !== undefined && range.hi + 1 === seq) range.hi = seq
      else have.push({ runIndex: 0, lo: seq, hi: seq })
    }
    const wants = connection.of('hello')[0]?.schemas ?? []
    connection.send({ type: 'welcome', serverMs: 0, have, wants, flushMs: 0 })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { socket } of this.connections) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #receive(connection: TestConnection, message: Message): void {
    if (this.onMessage(connection, message)) return
    if (message.type === 'hello') this.welcome(connection)
    if (message.type !== 'batch') return
    this.commit(message)
    this.ack(connection, message)
  }
}
