import type { Frame } from '@godwit/protocol'

/** The other end of a connection, as a session sees it. */
export interface Peer {
  readonly address: string
  /** Sends bytes as one segment where they fit one. Nothing happens after `end`. */
  send(bytes: Uint8Array): void
  /** Says goodbye in order: what was sent still arrives. Never a reset: version 1 collectors lose a frame by one. */
  end(): void
}

/** One dialogue with a collector. Frames come one by one: the next only after the promise of the last one is settled. */
export interface Session {
  /** True while the dialogue has not said who it is: the listener gives it a short time then. */
  readonly isAnonymous: boolean
  /** Once it has: how long nothing may come before the connection is taken for dead. */
  readonly quietLimitMs: number
  /** Throws, or rejects with, a ProtocolError for a frame that ends the connection. */
  receive(frame: Frame): Promise<void> | undefined
  /** The server stops: tells the peer when to come back. */
  goaway(retryAfterMs: number): void
  /** The connection is gone. */
  closed(): void
}
