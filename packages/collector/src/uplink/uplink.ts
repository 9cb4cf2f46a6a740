import { connect } from 'node:net'
import type { Hello, SchemaId, Task, TaskResult } from '@godwit/protocol'
import type { CollectorError } from '../errors.ts'
import type { Queue } from '../queue/queue.ts'
import type { Clock } from '../tick/clock.ts'
import { Backoff } from './backoff.ts'
import { Exchange, type ExchangeOwner } from './exchange.ts'
import { RateLimit } from './rate-limit.ts'

export interface UplinkOptions {
  readonly server: { readonly host: string; readonly port: number }
  /** The collector's UUID. */
  readonly collector: Uint8Array
  readonly name: string
  readonly software: string
  readonly host: Readonly<Record<string, string | number>>
  readonly intervalMs: number
  readonly flushMs: number
  /** The longest span from which the wait for a reconnection is drawn. */
  readonly backoffCapMs: number
  readonly queue: Queue
  readonly clock: Clock
  /** Numbers in 0..1. */
  readonly random: () => number
  /** Called when the way to the server opens, closes, or closes for another reason: not at each try. */
  readonly onChange: (change: UplinkChange) => void
  /** What the task came to is what the server is told. */
  readonly onTask: (task: Task) => TaskResult['outcome']
}

export type UplinkChange =
  | { readonly state: 'connected' }
  | { readonly state: 'disconnected'; readonly error: CollectorError }

const STOP_MS = 5000
const MINUTE_MS = 60_000
const TASKS_PER_MINUTE = 10
/** One comes whenever somebody begins or ends to watch. */
const PACES_PER_MINUTE = 120

/**
 * Carries the queue to the server: connects, sends, reconnects, for ever. Nothing that the network or the server does ends it, and
 * it never holds up those who put ticks into the queue.
 */
export class Uplink implements ExchangeOwner {
  readonly clock: Clock
  readonly queue: Queue
  readonly random: () => number
  // Of all connections together: a new one is no way around them.
  readonly taskRate: RateLimit = new RateLimit(TASKS_PER_MINUTE, MINUTE_MS)
  readonly paceRate: RateLimit = new RateLimit(PACES_PER_MINUTE, MINUTE_MS)
  readonly #options: UplinkOptions
  readonly #backoff: Backoff
  #exchange: Exchange | undefined
  #retryTimer: Disposable | undefined
  #lastFlushMs = Number.NEGATIVE_INFINITY
  #firstAckMs: number | undefined
  #lastChange = ''
  #isStopping = false
  #stopped: (() => void) | undefined

  constructor(options: UplinkOptions) {
    this.#options = options
    this.clock = options.clock
    this.queue = options.queue
    this.random = options.random
    this.#backoff = new Backoff(options.backoffCapMs, options.random)
  }

  /** A tick was put into the queue: flushes if it is time, and connects at the first. */
  ticked(): void {
    if (this.#exchange === undefined && this.#retryTimer === undefined && !this.#isStopping) this.#connect()
    const exchange = this.#exchange
    if (exchange === undefined || !exchange.isStreaming) return
    const flushMs = exchange.pacedFlushMs || this.#options.flushMs
    const nowMs = this.clock.monoMs()
    // Ticks come on the second and a few ms: half an interval keeps a flush of 10 s from waiting for the eleventh tick.
    if (nowMs - this.#lastFlushMs < flushMs - this.#options.intervalMs / 2) return
    this.#lastFlushMs = nowMs
    exchange.flush()
  }

  /** Sends what is left, waits a few seconds for its acks, and says goodbye. */
  async stop(): Promise<void> {
    this.#isStopping = true
    this.#retryTimer?.[Symbol.dispose]()
    const exchange = this.#exchange
    if (exchange === undefined) return
    exchange.flush()
    if (!exchange.isDone || !exchange.isStreaming) await this.#whenDone()
    this.#exchange?.bye('the collector stops')
  }

  // The rest is ExchangeOwner.

  hello(): Hello {
    const { collector, name, software, host, intervalMs, flushMs } = this.#options
    const { queue, clock } = this
    return {
      type: 'hello',
      collector,
      name,
      software,
      wallMs: clock.wallMs(),
      monoMs: clock.monoMs(),
      intervalMs,
      flushMs,
      runs: [{ run: queue.run, ...(queue.range ?? { lo: 0, hi: 0 }) }],
      schemas: queue.schemas.map(({ id }): SchemaId => id),
      host,
    }
  }

  welcomed(): void {
    this.#lastFlushMs = this.clock.monoMs()
    this.#report({ state: 'connected' }, 'connected')
    // The server may have had all already: no ack will say so.
    if (this.#exchange?.isDone) this.#stopped?.()
  }

  acknowledged(): void {
    this.#firstAckMs ??= this.clock.monoMs()
    if (this.#exchange?.isDone) this.#stopped?.()
  }

  busy(): void {
    // Counted and shown by the server; here it only means waiting.
  }

  task(task: Task): void {
    const outcome = this.#options.onTask(task)
    this.#exchange?.answer({ type: 'taskResult', id: task.id, outcome, detail: '' })
  }

  ended(error: CollectorError, retryAfterMs: number | undefined): void {
    this.#exchange = undefined
    this.#stopped?.()
    if (this.#isStopping) return
    this.#report({ state: 'disconnected', error }, error.message)
    const healthyMs = this.#firstAckMs === undefined ? 0 : this.clock.monoMs() - this.#firstAckMs
    this.#firstAckMs = undefined
    const waitMs =
      retryAfterMs === undefined ? this.#backoff.nextMs(healthyMs) : this.#backoff.askedMs(retryAfterMs, healthyMs)
    this.#retryTimer = this.clock.setTimer(waitMs, () => this.#connect())
  }

  #connect(): void {
    this.#retryTimer = undefined
    const { host, port } = this.#options.server
    this.#exchange = new Exchange(connect({ host, port, keepAlive: true, keepAliveInitialDelay: 60_000 }), this)
  }

  #report(change: UplinkChange, text: string): void {
    if (text === this.#lastChange) return
    this.#lastChange = text
    this.#options.onChange(change)
  }

  #whenDone(): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.clock.setTimer(STOP_MS, resolve)
      this.#stopped = () => {
        timer[Symbol.dispose]()
        resolve()
      }
    })
  }
}
