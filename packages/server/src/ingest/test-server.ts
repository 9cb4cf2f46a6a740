import { BlockList } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type CommitObserver, CommitQueue, type CommitQueueOptions } from '../commit/commit-queue.ts'
import { Fleet } from '../fleet/fleet.ts'
import { WireListener } from '../listener/wire-listener.ts'
import { TestClock } from '../live/test-clock.ts'
import type { LiveSink } from '../session/ingest.ts'
import { SessionDirectory } from '../session/session-directory.ts'
import { DATABASE_FILE } from '../store/sqlite/database-schema.ts'
import { SqliteStore } from '../store/sqlite/sqlite-store.ts'
import { TempDir } from '../store/sqlite/test-inbox.ts'

interface TestServerOptions extends Partial<CommitQueueOptions> {
  readonly maxConnections?: number
}

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
  /** Commits that the store refused. */
  failures = 0
  readonly store: SqliteStore
  readonly commits: CommitQueue
  readonly listener: WireListener
  port = 0

  private constructor(dir: TempDir, store: SqliteStore, options: TestServerOptions) {
    this.dir = dir
    this.store = store
    const observer: CommitObserver = {
      groupCommitted() {},
      groupFailed: () => this.failures++,
      sampleLost() {},
      callbackFailed: (error) => {
        throw error
      },
    }
    const { maxConnections = 1000, ...commitOptions } = options
    this.commits = new CommitQueue(store, this.clock, observer, { groupBytes: 1, ...commitOptions })
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
      { host: '127.0.0.1', port: 0, allowed, maxConnections },
    )
  }

  static async start(options: TestServerOptions = {}): Promise<TestServer> {
    const dir = new TempDir()
    const store = await SqliteStore.open(dir.path, new URL('../store/sqlite/writer-worker.ts', import.meta.url))
    const server = new TestServer(dir, store, options)
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
