import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** Stands between a collector and its server, passes all on, and keeps what the collector sent on each connection. */
export class RecordingProxy implements AsyncDisposable {
  readonly recordings: Buffer[][] = []
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(serverPort: number) {
    this.#server = createServer((collector) => this.#join(collector, connect({ host: '127.0.0.1', port: serverPort })))
  }

  static async listen(serverPort: number): Promise<RecordingProxy> {
    const proxy = new RecordingProxy(serverPort)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  #join(collector: Socket, server: Socket): void {
    const recording: Buffer[] = []
    this.recordings.push(recording)
    collector.on('data', (chunk: Buffer) => recording.push(chunk))
    for (const [from, to] of [
      [collector, server],
      [server, collector],
    ] as const) {
      this.#sockets.add(from)
      from.setNoDelay(true)
      from.pipe(to)
      from.on('error', () => to.destroy())
      from.on('close', () => this.#sockets.delete(from))
    }
  }
}
