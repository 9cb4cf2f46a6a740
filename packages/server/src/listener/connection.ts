import type { Socket } from 'node:net'
import { crc32 } from 'node:zlib'
import {
  FRAME_OVERHEAD_BYTES,
  type Frame,
  FrameReader,
  type FrameVersion,
  LIMITS,
  ProtocolError,
  TLS_HANDSHAKE_BYTE,
} from '@godwit/protocol'
import type { Clock } from '../clock.ts'
import { ServerError } from '../errors.ts'
import type { Peer, Session } from '../session/peer.ts'

/** What a connection needs of those around it. */
export interface ConnectionOwner {
  readonly clock: Clock
  openSession(version: FrameVersion, peer: Peer): Session
  /** Whether what was received waits for the store for so long that reading must stop. */
  isFull(): boolean
  whenRoom(callback: () => void): void
  /** What waits here for its rest has grown by `bytes`, or shrunk. */
  buffered(bytes: number): void
  /** The peer broke the protocol, or serving it failed. Called at most once a connection. */
  rejected(connection: Connection, error: Error): void
  gone(connection: Connection): void
}

/** A peer that never reads its replies must not make them pile up here. */
const MAX_UNREAD_BYTES = 256 * 1024
/** Of a frame of a peer that has not said who it is: the fullest Hello takes 40 KiB, version 1 no more than this. */
const MAX_ANONYMOUS_BYTES = LIMITS.frameV1PayloadBytes + FRAME_OVERHEAD_BYTES
/** A frame that began may take so long, and longer the more of it has come: the slowest links bring more than this. */
const FRAME_GRACE_MS = 30_000
const SLOWEST_BYTES_PER_MS = 1

/** One socket of the wire port: cuts what arrives into frames and gives them to the session that the first one asks for. */
export class Connection implements Peer {
  readonly address: string
  /** The address without the port. */
  readonly host: string
  readonly #socket: Socket
  readonly #owner: ConnectionOwner
  #reader = new FrameReader(crc32)
  #bufferedBytes = 0
  /** When the frame began of which a part is here. */
  #partSinceMs: number | undefined
  #version: FrameVersion | undefined
  #session: Session | undefined
  #sawBytes = false
  #isBusy = false
  #isEnding = false
  /** When a whole frame came last, or we said goodbye. */
  #lastMs: number

  constructor(socket: Socket, owner: ConnectionOwner) {
    this.#socket = socket
    this.#owner = owner
    this.host = socket.remoteAddress ?? 'unknown'
    this.address = `${this.host}:${socket.remotePort ?? 0}`
    this.#lastMs = owner.clock.monoMs()
    socket.setNoDelay(true)
    socket.setKeepAlive(true, 60_000)
    socket.on('data', (chunk: Uint8Array) => this.#receive(chunk))
    // The other side closed its half; what it sent is answered before ours closes too.
    socket.on('end', () => this.#endWhenIdle())
    // ECONNRESET and EPIPE: an ordinary end of stream. What was parsed is kept; 'close' follows.
    socket.on('error', () => {})
    socket.on('close', () => this.#closed())
  }

  get isAnonymous(): boolean {
    return this.#session?.isAnonymous ?? true
  }

  /** After our goodbye the other side has little time for its own: what it does not read is kept for it until then. */
  get isEnding(): boolean {
    return this.#isEnding
  }

  /** Since a whole frame came last, or since our goodbye. */
  get quietMs(): number {
    return this.#owner.clock.monoMs() - this.#lastMs
  }

  /** How long that may be, by what the session knows of its peer. */
  get quietLimitMs(): number | undefined {
    return this.#session?.quietLimitMs
  }

  /** Whether it waits for us: it can't be blamed for being quiet then. */
  get isBusy(): boolean {
    return this.#isBusy
  }

  /** Bytes received that wait for the rest of their frame, or for their turn. */
  get bufferedBytes(): number {
    return this.#bufferedBytes
  }

  send(bytes: Uint8Array): void {
    if (this.#isEnding || !this.#socket.writable) return
    if (this.#socket.writableLength > MAX_UNREAD_BYTES) {
      this.end()
      return
    }
    this.#socket.write(bytes)
  }

  end(): void {
    if (this.#isEnding) return
    this.#isEnding = true
    this.#lastMs = this.#owner.clock.monoMs()
    this.#dropBuffered()
    this.#socket.end()
  }

  /** Ends the connection and tells why. */
  reject(error: Error): void {
    if (this.#isEnding) return
    this.#owner.rejected(this, error)
    this.end()
  }

  /** Ends a connection whose frame does not come to its end. To be called every few seconds. */
  endIfStalled(): void {
    if (this.#partSinceMs === undefined) return
    const allowedMs = FRAME_GRACE_MS + this.#bufferedBytes / SLOWEST_BYTES_PER_MS
    if (this.#owner.clock.monoMs() - this.#partSinceMs <= allowedMs) return
    this.reject(new ServerError('RECEIVE_TIMEOUT'))
  }

  goaway(retryAfterMs: number): void {
    this.#session?.goaway(retryAfterMs)
    this.end()
  }

  /** For a peer that does not answer our end. */
  destroy(): void {
    this.#socket.destroy()
  }

  #receive(chunk: Uint8Array): void {
    // After an end of ours, what still comes is read and dropped: an unread byte would turn our close into a reset.
    if (this.#isEnding) return
    if (!this.#sawBytes && chunk[0] === TLS_HANDSHAKE_BYTE) {
      this.reject(new ProtocolError('TLS_UNSUPPORTED'))
      return
    }
    this.#sawBytes = true
    this.#reader.push(chunk)
    if (!this.#isBusy) this.#readFrames()
    this.#tellBuffered()
  }

  #readFrames(): void {
    try {
      while (!this.isEnding) {
        if (this.#owner.isFull()) {
          this.#waitFor(new Promise((resolve) => this.#owner.whenRoom(resolve)))
          return
        }
        const frame = this.#reader.next()
        if (frame === undefined) {
          this.#waitForRest()
          return
        }
        const pending = this.#handle(frame)
        if (pending !== undefined) {
          this.#waitFor(pending)
          return
        }
      }
    } catch (error) {
      this.reject(error as Error)
    }
  }

  #waitForRest(): void {
    const { bufferedBytes } = this.#reader
    if (bufferedBytes > 0) this.#partSinceMs ??= this.#owner.clock.monoMs()
    if (!this.isAnonymous || bufferedBytes < MAX_ANONYMOUS_BYTES) return
    throw new ProtocolError('FRAME_TOO_LARGE', { limitBytes: LIMITS.frameV1PayloadBytes })
  }

  #handle(frame: Frame): Promise<void> | undefined {
    this.#lastMs = this.#owner.clock.monoMs()
    this.#partSinceMs = undefined
    this.#version ??= frame.version
    if (frame.version !== this.#version) throw new ProtocolError('FRAME_VERSION', { version: frame.version })
    this.#session ??= this.#owner.openSession(frame.version, this)
    return this.#session.receive(frame)
  }

  /** Reads on only after `pending`: at most one chunk waits meanwhile. */
  #waitFor(pending: Promise<void>): void {
    this.#isBusy = true
    this.#partSinceMs = undefined
    this.#socket.pause()
    pending.then(
      () => {
        this.#isBusy = false
        this.#lastMs = this.#owner.clock.monoMs()
        this.#readFrames()
        this.#tellBuffered()
        if (!this.#isBusy) this.#socket.resume()
        if (!this.#isBusy && this.#socket.readableEnded) this.end()
      },
      (error: Error) => {
        this.#isBusy = false
        this.reject(error)
        this.#socket.resume()
      },
    )
  }

  #endWhenIdle(): void {
    if (!this.#isBusy) this.end()
  }

  #tellBuffered(): void {
    if (this.#isEnding) return
    const grownBytes = this.#reader.bufferedBytes - this.#bufferedBytes
    this.#bufferedBytes += grownBytes
    if (grownBytes !== 0) this.#owner.buffered(grownBytes)
  }

  #dropBuffered(): void {
    const droppedBytes = this.#bufferedBytes
    this.#reader = new FrameReader(crc32)
    this.#bufferedBytes = 0
    this.#partSinceMs = undefined
    if (droppedBytes !== 0) this.#owner.buffered(-droppedBytes)
  }

  #closed(): void {
    this.#isEnding = true
    this.#dropBuffered()
    this.#session?.closed()
    this.#owner.gone(this)
  }
}
