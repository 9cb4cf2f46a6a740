import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { crc32 } from 'node:zlib'
import { decodeMessage, FRAME_OVERHEAD_BYTES, FrameReader } from '@godwit/protocol'

/** Bytes by what they are; together all that went through, both ways. */
export interface WireBytes {
  /** Ticks with the lengths before them. */
  ticks: number
  /** Header and checksum of every frame. */
  frameHeads: number
  /** What a Batch says of its ticks. */
  batchHeads: number
  acks: number
  /** Hello and Welcome. */
  greeting: number
  schemas: number
  other: number
}

/** Passes TCP connections on to a server, unchanged, and counts what goes through, both ways, above TCP. */
export class CountingProxy implements Disposable {
  readonly host: string
  readonly port: number
  readonly bytes: WireBytes = { ticks: 0, frameHeads: 0, batchHeads: 0, acks: 0, greeting: 0, schemas: 0, other: 0 }
  /** Counted where it is passed on, whatever it is. */
  totalBytes = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server, host: string) {
    this.#server = server
    this.host = host
    this.port = (server.address() as AddressInfo).port
  }

  static async start(host: string, port: number): Promise<CountingProxy> {
    const server = createServer({ allowHalfOpen: true })
    server.listen(0, host)
    await once(server, 'listening')
    const proxy = new CountingProxy(server, host)
    server.on('connection', (client) => proxy.#join(client, connect({ host, port, allowHalfOpen: true })))
    return proxy
  }

  /** Resolves when every connection is over. */
  async drained(): Promise<void> {
    await Promise.all(Array.from(this.#sockets, (socket) => once(socket, 'close')))
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  #join(client: Socket, server: Socket): void {
    this.#pass(client, server)
    this.#pass(server, client)
  }

  #pass(from: Socket, to: Socket): void {
    const reader = new FrameReader(crc32)
    this.#sockets.add(from)
    from.setNoDelay(true)
    from.on('data', (chunk: Uint8Array) => {
      this.totalBytes += chunk.length
      to.write(chunk)
      reader.push(chunk)
      for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
        this.bytes.frameHeads += FRAME_OVERHEAD_BYTES
        this.#count(frame.payload, frame.sentAtS)
      }
    })
    from.on('end', () => to.end())
    from.on('error', () => to.destroy())
    from.on('close', () => this.#sockets.delete(from))
  }

  #count(payload: Uint8Array, sentAtS: number): void {
    const { bytes } = this
    const message = decodeMessage(payload, sentAtS)
    switch (message.type) {
      case 'batch':
        bytes.ticks += message.ticks.length
        bytes.batchHeads += payload.length - message.ticks.length
        return
      case 'ack':
        bytes.acks += payload.length
        return
      case 'hello':
      case 'welcome':
        bytes.greeting += payload.length
        return
      case 'schema':
        bytes.schemas += payload.length
        return
      default:
        bytes.other += payload.length
    }
  }
}
