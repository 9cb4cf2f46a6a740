import { type AddressInfo, type BlockList, createServer, type Server, type Socket } from 'node:net'
import { type FrameVersion, ProtocolError } from '@godwit/protocol'
import { ServerError } from '../errors.ts'
import { listenError } from '../listen-error.ts'
import type { Ingest } from '../session/ingest.ts'
import type { Peer, Session } from '../session/peer.ts'
import { V1Session } from '../session/v1-session.ts'
import { V2Session } from '../session/v2-session.ts'
import { AddressPlaces } from './address-places.ts'
import { Connection, type ConnectionOwner } from './connection.ts'
import { connectionLimit } from './connection-limit.ts'
import { ReceiveBudget } from './receive-budget.ts'
import { RejectionLog } from './rejection-log.ts'

/** What the listener tells its owner, for counters. */
export interface ListenerObserver {
  connectionOpened(): void
  connectionClosed(): void
  /** `reason` is an error code. */
  connectionRejected(reason: string): void
}

export interface WireListenerOptions {
  readonly host: string
  readonly port: number
  /** From where plain connections are served. */
  readonly allowed: BlockList
  /** By default what the limit of open files leaves. */
  readonly maxConnections?: number
}

/** Of one remote address that is not loopback. */
const MAX_PER_ADDRESS = 2000
const SWEEP_MS = 5000
/** A peer that has not said who it is by then is sent away. */
const ANONYMOUS_MS = 15_000
/** A planned stop tells each collector another moment to come back, within this. */
const GOAWAY_SPREAD_MS = 5000
const CLOSE_GRACE_MS = 2000

/** The wire port: accepts collectors of every version. One bad peer is closed, logged and counted; nobody else notices. */
export class WireListener implements ConnectionOwner {
  readonly #ingest: Ingest
  readonly #observer: ListenerObserver
  readonly #options: WireListenerOptions
  readonly #server: Server
  readonly #connections = new Set<Connection>()
  readonly #places = new AddressPlaces(MAX_PER_ADDRESS)
  readonly #received = new ReceiveBudget(this.#connections)
  readonly #rejections: RejectionLog
  #sweepTimer: Disposable | undefined
  #allGone: (() => void) | undefined

  constructor(ingest: Ingest, observer: ListenerObserver, options: WireListenerOptions) {
    this.#ingest = ingest
    this.#observer = observer
    this.#options = options
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket))
    this.#rejections = new RejectionLog(ingest.clock, ingest.log)
    this.#server.maxConnections = options.maxConnections ?? connectionLimit()
    this.#server.on('drop', () => this.#refuse('any address', 'a connection', new ServerError('CONNECTION_LIMIT')))
  }

  get clock(): Ingest['clock'] {
    return this.#ingest.clock
  }

  /** Returns `host:port` as it is. Rejects with LISTEN_FAILED. */
  async listen(): Promise<AddressInfo> {
    const { host, port } = this.#options
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (cause) => reject(listenError(cause, 'wire', { host, port })))
      this.#server.listen({ host, port, backlog: 4096 }, resolve)
    })
    this.#server.removeAllListeners('error')
    this.#server.on('error', (error) => this.#ingest.log('error', 'wire', error.message))
    this.#sweep()
    return this.#server.address() as AddressInfo
  }

  /** Stops accepting and says goodbye to all. What was received is still committed by the owner of the queue. */
  async close(): Promise<void> {
    this.#sweepTimer?.[Symbol.dispose]()
    this.#rejections.close()
    this.#server.close()
    if (this.#connections.size === 0) return
    const allGone = new Promise<void>((resolve) => {
      this.#allGone = resolve
    })
    for (const connection of this.#connections) connection.goaway(Math.floor(Math.random() * GOAWAY_SPREAD_MS))
    using _timer = this.clock.setTimer(CLOSE_GRACE_MS, () => {
      for (const connection of this.#connections) connection.destroy()
    })
    await allGone
  }

  openSession(version: FrameVersion, peer: Peer): Session {
    return version === 1 ? new V1Session(this.#ingest, peer) : new V2Session(this.#ingest, peer)
  }

  isFull(): boolean {
    return this.#ingest.commits.isFull
  }

  whenRoom(callback: () => void): void {
    this.#ingest.commits.whenRoom(callback)
  }

  buffered(bytes: number): void {
    this.#received.add(bytes)
  }

  rejected({ host, address }: Connection, error: Error): void {
    this.#refuse(host, address, error)
  }

  gone(connection: Connection): void {
    this.#connections.delete(connection)
    this.#places.leave(connection.host)
    this.#observer.connectionClosed()
    if (this.#connections.size === 0) this.#allGone?.()
  }

  #accept(socket: Socket): void {
    const { remoteAddress } = socket
    if (remoteAddress === undefined) {
      socket.destroy()
      return
    }
    if (!this.#options.allowed.check(remoteAddress, socket.remoteFamily === 'IPv6' ? 'ipv6' : 'ipv4')) {
      this.#refuse(remoteAddress, remoteAddress, new ServerError('PEER_NOT_ALLOWED', { hint: 'see --allow-plain' }))
      this.#dismiss(socket)
      return
    }
    if (!this.#places.take(remoteAddress)) {
      this.#refuse(remoteAddress, remoteAddress, new ServerError('CONNECTION_LIMIT'))
      this.#dismiss(socket)
      return
    }
    this.#connections.add(new Connection(socket, this))
    this.#observer.connectionOpened()
  }

  #refuse(host: string, shown: string, error: Error): void {
    const code = error instanceof ProtocolError || error instanceof ServerError ? error.code : 'INTERNAL'
    this.#observer.connectionRejected(code)
    const level = code === 'INTERNAL' ? 'error' : 'warn'
    this.#rejections.add({ level, host, code, line: `closed ${shown}: ${code}: ${error.message}` })
  }

  /** Says goodbye at once, and does not wait for the other side's for ever: it would take a place from those who are served. */
  #dismiss(socket: Socket): void {
    const timer = this.clock.setTimer(CLOSE_GRACE_MS, () => socket.destroy())
    socket.on('close', () => timer[Symbol.dispose]())
    socket.on('error', () => {})
    socket.end()
    socket.resume()
  }

  #sweep(): void {
    for (const connection of this.#connections) {
      endIfQuiet(connection)
      connection.endIfStalled()
    }
    this.#rejections.sweep()
    this.#sweepTimer = this.clock.setTimer(SWEEP_MS, () => this.#sweep())
  }
}

function endIfQuiet(connection: Connection): void {
  const { isEnding, isAnonymous, isBusy, quietMs, quietLimitMs } = connection
  if (isEnding) {
    if (quietMs > ANONYMOUS_MS + SWEEP_MS) connection.destroy()
    return
  }
  const limitMs = isAnonymous ? ANONYMOUS_MS : (quietLimitMs ?? ANONYMOUS_MS)
  // Nothing is read while the store is full: whoever has said who it is waits for us then.
  if (quietMs > limitMs && (isAnonymous || !isBusy)) connection.end()
}
