import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { crc32 } from 'node:zlib'
import { encodeFrame } from '@godwit/protocol'
import type { Address } from '../options/address.ts'

/** The wire as a version 1 collector of the JSON kind speaks it (docs/wire-format.md, "Version 1"): it never reads a reply. */
export class V1Client {
  readonly #socket: Socket
  readonly #id: string

  private constructor(socket: Socket, id: Uint8Array) {
    this.#socket = socket
    // A u128 in decimal: more digits than a number holds, so the JSON below is written by hand.
    this.#id = BigInt(`0x${id.toHex()}`).toString()
    socket.on('error', () => {})
    socket.resume()
  }

  /** Rejects if nobody listens. */
  static async open(address: Address, id: Uint8Array): Promise<V1Client> {
    const socket = connect({ ...address, noDelay: true })
    await once(socket, 'connect')
    return new V1Client(socket, id)
  }

  get isClosed(): boolean {
    return !this.#socket.writable
  }

  /** Resolves when the socket has room for more, or is gone. */
  async send(timeS: number, sample: { totalBytes: number; usedBytes: number; cpuRatio: number }): Promise<void> {
    if (this.isClosed) return
    const json =
      `{"SubmitData":{"collector_id":${this.#id},"total_memory":${Math.round(sample.totalBytes)},` +
      `"used_memory":${Math.round(sample.usedBytes)},"average_cpu_usage":${(sample.cpuRatio * 100).toFixed(5)}}}`
    const hasRoom = this.#socket.write(encodeFrame(1, timeS, new TextEncoder().encode(json), crc32))
    if (!hasRoom) await Promise.race([once(this.#socket, 'drain'), once(this.#socket, 'close')])
  }

  async close(): Promise<void> {
    if (this.#socket.closed) return
    this.#socket.end()
    await once(this.#socket, 'close')
  }
}
