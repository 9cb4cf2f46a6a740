import { BlockList, connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { decodeMessage, encodeFrame, encodeMessage, FrameReader, type Hello, type Message } from '@godwit/protocol'
import { CommitQueue } from '../commit/commit-queue.ts'
import { Fleet } from '../fleet/fleet.ts'
import { TestClock } from '../live/test-clock.ts'
import type { LiveSink } from '../session/ingest.ts'
import { SessionDirectory } from '../session/session-directory.ts'
import { DATABASE_FILE } from '../store/sqlite/database-schema.ts'
import { SqliteStore } from '../store/sqlite/sqlite-store.ts'
import { TempDir } from '../store/sqlite/test-inbox.ts'
import { WireListener } from './wire-listener.ts'

/** For tests: one turn of the event loop, in which sockets and threads go on. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

/** For tests: lets sockets and the store go on until `condition` holds. Throws when it still does not after very many turns. */
export async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < MAX_TURNS; i++) {
    if (condition()) return
    await turn()
  }
  throw new Error(`never came true: ${condition.toString()}`)
}

const MAX_TURNS = 1_000_000

/** For tests: the real listener on the real store, under a clock that the test drives. Items are committed at once. */
export class TestServer implements AsyncDisposable {
  readonly dir: TempDir
  readonly clock: TestClock = new TestClock(Date.UTC(2026, 0, 1))
  readonly fleet: Fleet = new Fleet(this.clock)
  readonly sessions: SessionDirectory = new SessionDirectory()
  readonly logged: string[] = []
  readonly rejected: string[] = []
  readonly published: number[] = []
  readonly watched: Set<number> = new Set()
  open = 0
  readonly store: SqliteStore
  readonly commits: CommitQueue
  readonly listener: WireListener
  port = 0

  private constructor(dir: TempDir, store: SqliteStore) {
    this.dir = dir
    this.store = store
    this.commits = new CommitQueue(store, this.clock, { groupCommitted() {}, groupFailed() {} }, { groupBytes: 1 })
    const live: LiveSink = {
      isWatched: (no) => this.watched.has(no),
      publish: ({ seq }) => this.published.push(seq),
      schemaSaved() {},
    }
    const { commits, fleet, sessions, clock } = this
    const log = (level: string, _area: string, message: string): number => this.logged.push(`${level} ${message}`)
    const allowed = new BlockList()
    allowed.addSubnet('127.0.0.0', 16)
    this.listener = new WireListener(
      { store, commits, fleet, sessions, live, clock, log },
      {
        connectionOpened: () => this.open++,
        connectionClosed: () => this.open--,
        connectionRejected: (code) => this.rejected.push(code),
      },
      { host: '127.0.0.1', port: 0, allowed },
    )
  }

  static async start(): Promise<TestServer> {
    const dir = new TempDir()
    const store = await SqliteStore.open(dir.path, new URL('../store/sqlite/writer-worker.ts', import.meta.url))
    const server = new TestServer(dir, store)
    server.port = (await server.listener.listen()).port
    return server
  }

  /** Another program holds the database until the lock is disposed of. */
  lockDatabase(): Disposable {
    const database = new DatabaseSync(join(this.dir.path, DATABASE_FILE))
    database.exec('BEGIN IMMEDIATE')
    return { [Symbol.dispose]: () => database.isOpen && database.close() }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.listener.close()
    this.clock.advance(5000)
    await closed
    await this.commits.drain()
    await this.store.close()
    this.dir[Symbol.dispose]()
  }
}

/** For tests: the collector's end of a connection. */
export class TestPeer implements Disposable {
  readonly socket: Socket
  /** Each segment as it came. */
  readonly chunks: Uint8Array[] = []
  readonly messages: Message[] = []
  /** Of our connection: 'end' in order, or an error's code. */
  ending: string | undefined
  readonly #reader = new FrameReader(crc32)

  constructor(port: number, options: { localAddress?: string; version?: 1 | 2; allowHalfOpen?: boolean } = {}) {
    const { version = 2, localAddress, allowHalfOpen = false } = options
    this.socket = connect({ host: '127.0.0.1', port, allowHalfOpen, ...(localAddress && { localAddress }) })
    this.socket.setNoDelay(true)
    this.socket.on('data', (chunk: Uint8Array) => {
      this.chunks.push(chunk)
      if (version === 2) this.#read(chunk)
    })
    this.socket.on('end', () => {
      this.ending ??= 'end'
    })
    this.socket.on('error', (error: Error & { code?: string }) => {
      this.ending ??= error.code ?? error.message
    })
  }

  /** All bytes that came, in hex. */
  get received(): string {
    return Buffer.concat(this.chunks).toHex()
  }

  send(...messages: readonly Message[]): void {
    for (const message of messages) this.socket.write(frameOf(message))
  }

  of<T extends Message['type']>(type: T): Extract<Message, { type: T }>[] {
    return this.messages.filter((message): message is Extract<Message, { type: T }> => message.type === type)
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }

  #read(chunk: Uint8Array): void {
    this.#reader.push(chunk)
    for (let frame = this.#reader.next(); frame !== undefined; frame = this.#reader.next()) {
      this.messages.push(decodeMessage(frame.payload, frame.sentAtS))
    }
  }
}

/** For tests: unix seconds at which every frame says that it was sent. */
export const SENT_AT_S = 1_767_225_600

export function frameOf(message: Message): Uint8Array {
  return encodeFrame(2, SENT_AT_S, encodeMessage(message, SENT_AT_S), crc32)
}

/** For tests: a Hello of a collector whose UUID ends with `id`. */
export function helloOf(id: number, changes: Partial<Hello> = {}): Hello {
  const collector = new Uint8Array(16)
  new DataView(collector.buffer).setUint32(12, id)
  return {
    type: 'hello',
    collector,
    name: `c${id}`,
    software: 'test',
    wallMs: SENT_AT_S * 1000,
    monoMs: 0,
    intervalMs: 1000,
    flushMs: 10_000,
    runs: [{ run: 77, lo: 0, hi: 9 }],
    schemas: [],
    host: { os: 'linux' },
    ...changes,
  }
}

/** For tests: ticks lo..hi that only the store's tests would find wrong: nobody decodes them here. */
export function batchMessage(lo: number, hi: number, runIndex = 0): Extract<Message, { type: 'batch' }> {
  const count = hi - lo + 1
  const ticks = new Uint8Array(count * 2)
  for (let i = 0; i < count; i++) ticks.set([1, (lo + i) & 0x7f], i * 2)
  const firstWallMs = SENT_AT_S * 1000
  return { type: 'batch', runIndex, seq: lo, count, firstWallMs, lastWallMs: firstWallMs + (count - 1) * 1000, ticks }
}
