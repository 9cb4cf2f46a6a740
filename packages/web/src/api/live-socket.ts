import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { Cancel, Clock } from '../clock.ts'
import type { Collector } from './collector.ts'
import { LiveDecoder, type LiveListener } from './live-decoder.ts'
import { parseLiveBatch, parseLiveNotice } from './live-message.ts'

/** 'lost' once a connection failed, until the next one is open; sinceMs is when the first failed. */
export type Connection =
  | { readonly status: 'connecting' }
  | { readonly status: 'open' }
  | { readonly status: 'lost'; readonly sinceMs: number }

const BACKOFF_MS = [500, 1000, 2000, 4000, 8000] as const
/** Rows that scroll into view subscribe one after the other: they are asked for together. */
const SUBSCRIBE_DELAY_MS = 60
/** A try that takes longer may hang for a minute, in a network that has come back since. */
const HANGING_MS = 2000

/**
 * The live stream of all collectors that something on the page watches, over one WebSocket that reconnects. After each
 * reconnect `epoch` counts up: what was committed in between is not sent again, so its readers ask for their range anew.
 */
export class LiveSocket {
  readonly connection: ReadonlySignal<Connection>
  readonly epoch: ReadonlySignal<number>
  readonly #connection: Signal<Connection> = signal({ status: 'connecting' })
  readonly #epoch: Signal<number> = signal(0)
  readonly #listeners = new Map<string, Set<LiveListener>>()
  /**
   * Kept for as long as the connection, also of collectors that nobody watches now: a schema is sent once, and a page that
   * follows another within a moment leaves the subscription as it was.
   */
  readonly #decoders = new Map<string, LiveDecoder>()
  readonly #clock: Clock
  readonly #open: () => WebSocket
  readonly #onState: (id: string, row: Partial<Collector>) => void
  #socket: WebSocket | undefined
  #failures = 0
  #triedMs = 0
  #cancelRetry: Cancel = () => {}
  #cancelSubscribe: Cancel | undefined

  constructor(clock: Clock, open: () => WebSocket, onState: (id: string, row: Partial<Collector>) => void) {
    this.#clock = clock
    this.#open = open
    this.#onState = onState
    this.connection = this.#connection
    this.epoch = this.#epoch
  }

  /** Ticks of one collector until the returned function is called. */
  watch(collector: string, listener: LiveListener): Cancel {
    const listeners = this.#listeners.get(collector) ?? new Set()
    this.#listeners.set(collector, listeners)
    listeners.add(listener)
    this.#scheduleSubscribe()
    return () => {
      listeners.delete(listener)
      if (listeners.size > 0 || this.#listeners.get(collector) !== listeners) return
      this.#listeners.delete(collector)
      this.#scheduleSubscribe()
    }
  }

  connect(): void {
    this.#cancelRetry()
    if (this.#socket !== undefined) return
    this.#triedMs = this.#clock.nowMs()
    const socket = this.#open()
    socket.binaryType = 'arraybuffer'
    this.#socket = socket
    socket.onopen = () => this.#opened()
    socket.onmessage = (event) => this.#receive(event.data)
    socket.onclose = () => this.#closed(socket)
  }

  /** Something else found the server unreachable: a socket that looks open may be dead. */
  doubt(): void {
    const socket = this.#socket
    if (socket === undefined) return
    socket.close()
    this.#closed(socket)
  }

  /** Something else found the server reachable: the next try need not wait. */
  trust(): void {
    if (this.#connection.peek().status === 'open') return
    if (this.#clock.nowMs() - this.#triedMs >= HANGING_MS) this.doubt()
    this.connect()
  }

  #opened(): void {
    this.#failures = 0
    const wasLost = this.#connection.peek().status === 'lost'
    this.#decoders.clear()
    this.#connection.value = { status: 'open' }
    this.#subscribe()
    if (wasLost) this.#epoch.value++
  }

  #closed(socket: WebSocket): void {
    if (this.#socket !== socket) return
    this.#socket = undefined
    socket.onopen = socket.onmessage = socket.onclose = null
    if (this.#connection.peek().status !== 'lost')
      this.#connection.value = { status: 'lost', sinceMs: this.#clock.nowMs() }
    const delayMs = BACKOFF_MS[Math.min(this.#failures++, BACKOFF_MS.length - 1)] as number
    this.#cancelRetry = this.#clock.after(delayMs, () => this.connect())
  }

  #receive(data: string | ArrayBuffer): void {
    if (typeof data === 'string') {
      const notice = parseLiveNotice(data)
      if (notice.type === 'schema') this.#decoderOf(notice.collector).learnSchema(notice.id, notice.series)
      if (notice.type === 'state') this.#onState(notice.collector, notice.row)
      return
    }
    const batch = parseLiveBatch(new Uint8Array(data))
    const listeners = this.#listeners.get(batch.collector)
    this.#decoderOf(batch.collector).decode(batch, {
      onTick: (tick) => {
        for (const listener of listeners ?? []) listener.onTick(tick)
      },
      onLate: () => {
        for (const listener of listeners ?? []) listener.onLate()
      },
    })
  }

  #decoderOf(collector: string): LiveDecoder {
    const known = this.#decoders.get(collector)
    if (known !== undefined) return known
    const decoder = new LiveDecoder()
    this.#decoders.set(collector, decoder)
    return decoder
  }

  #scheduleSubscribe(): void {
    this.#cancelSubscribe ??= this.#clock.after(SUBSCRIBE_DELAY_MS, () => this.#subscribe())
  }

  #subscribe(): void {
    this.#cancelSubscribe?.()
    this.#cancelSubscribe = undefined
    if (this.#connection.peek().status !== 'open') return
    this.#socket?.send(JSON.stringify({ subscribe: [...this.#listeners.keys()] }))
  }
}
