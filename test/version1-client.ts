import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { until } from './until.ts'

/** Turns of the event loop that let the other side read what was written so far, as a segment of its own. */
const TURNS = 5

/** A version 1 collector's connection: sends bytes, keeps what comes back. */
export class Version1Client implements Disposable {
  /** Hex of all replies so far. */
  replies = ''
  hasEnded = false
  readonly #socket: Socket

  constructor(port: number) {
    this.#socket = connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true })
    this.#socket.on('data', (chunk) => {
      this.replies += chunk.toString('hex')
    })
    this.#socket.on('end', () => {
      this.hasEnded = true
    })
    this.#socket.on('error', () => {})
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }

  async send(bytes: Uint8Array): Promise<void> {
    await new Promise((resolve) => {
      this.#socket.write(bytes, resolve)
    })
    for (let i = 0; i < TURNS; i++) await turn()
  }

  /** Waits until the replies are as long as `hex`, and returns them. */
  async replied(hex: string): Promise<string> {
    await until(`the reply ${hex}`, () => this.replies.length >= hex.length || this.hasEnded)
    return this.replies
  }

  /** Says that it has no more to send, and waits for the server to agree. */
  async end(): Promise<void> {
    this.#socket.end()
    await until('the end from the server', () => this.hasEnded)
  }

  /** Closes with a reset, as a process that is killed with unread bytes does. */
  async reset(): Promise<void> {
    this.#socket.resetAndDestroy()
    if (!this.#socket.closed) await once(this.#socket, 'close')
  }
}
