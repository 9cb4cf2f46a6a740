import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../clock.ts'
import { ServerError } from '../errors.ts'
import type { Counter } from '../metrics/counters.ts'

interface Answer {
  readonly response: ServerResponse
  readonly socket: Socket
  takenBytes: number
  takenAtMs: number
}

const SWEEP_MS = 5000
const STALLED_MS = 30_000
const MAX_UNSENT_BYTES = 128 * 1024 * 1024
/** Small enough that also a slow reader takes one of them in time. */
const PIECE_BYTES = 65_536

/**
 * The answers that are on their way. A socket that takes nothing of its answer for 30 s is closed; while too much waits to be taken, no
 * query is begun that would add to it. Dispose of it when the server closes.
 */
export class UnsentAnswers implements Disposable {
  readonly #clock: Clock
  readonly #unsent: Counter
  readonly #stalled: Counter
  readonly #answers = new Set<Answer>()
  #timer: Disposable | undefined

  constructor(clock: Clock, counters: { readonly unsent: Counter; readonly stalled: Counter }) {
    this.#clock = clock
    this.#unsent = counters.unsent
    this.#stalled = counters.stalled
  }

  /** Throws STORE_BUSY. */
  requireRoom(): void {
    if (this.#unsent.value < MAX_UNSENT_BYTES) return
    throw new ServerError('STORE_BUSY', { what: 'too much of earlier answers is not taken yet' })
  }

  /** Watches every answer; to be added after what changes answers. */
  addTo(app: FastifyInstance): void {
    app.addHook('onSend', async (request, reply, payload) => {
      // What is made while it is sent waits for its reader; a finished answer is held as a whole.
      this.#watch(request, reply, Buffer.isBuffer(payload) ? payload.length : 0)
      if (!Buffer.isBuffer(payload) || payload.length <= PIECE_BYTES || request.method === 'HEAD') return payload
      void reply.header('content-length', payload.length)
      // In pieces, so that how much was taken can be seen.
      return Readable.from(piecesOf(payload), { objectMode: false, highWaterMark: PIECE_BYTES })
    })
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
  }

  #watch(request: FastifyRequest, reply: FastifyReply, bytes: number): void {
    const { socket } = request.raw
    const { raw: response } = reply
    // A WebSocket has its own bound.
    if (request.ws || socket.destroyed) return
    const answer: Answer = { response, socket, takenBytes: 0, takenAtMs: this.#clock.monoMs() }
    this.#answers.add(answer)
    this.#unsent.value += bytes
    const done = (): void => {
      socket.off('close', done)
      if (this.#answers.delete(answer)) this.#unsent.value -= bytes
    }
    response.once('close', done)
    // An answer that waits behind another on its connection is not told of the end.
    socket.once('close', done)
    this.#timer ??= this.#clock.setTimer(SWEEP_MS, () => this.#sweep())
  }

  #sweep(): void {
    const nowMs = this.#clock.monoMs()
    for (const answer of this.#answers) {
      const { socket, response } = answer
      const takenBytes = socket.bytesWritten - socket.writableLength
      const isWaiting = socket.writableLength > 0 || response.writableLength > 0
      if (takenBytes !== answer.takenBytes || !isWaiting) {
        answer.takenBytes = takenBytes
        answer.takenAtMs = nowMs
      } else if (nowMs - answer.takenAtMs > STALLED_MS && !socket.destroyed) {
        this.#stalled.value++
        socket.destroy()
      }
    }
    this.#timer = this.#answers.size === 0 ? undefined : this.#clock.setTimer(SWEEP_MS, () => this.#sweep())
  }
}

function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES)
}
