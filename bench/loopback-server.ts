import { mkdtempSync, rmSync } from 'node:fs'
import { BlockList } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../packages/server/src/clock.ts'
import { CommitQueue } from '../packages/server/src/commit/commit-queue.ts'
import { Fleet } from '../packages/server/src/fleet/fleet.ts'
import { WireListener } from '../packages/server/src/listener/wire-listener.ts'
import { SessionDirectory } from '../packages/server/src/session/session-directory.ts'
import { SqliteStore } from '../packages/server/src/store/sqlite/sqlite-store.ts'

const HOST = '127.0.0.1'
const WRITER = new URL('../packages/server/src/store/sqlite/writer-worker.ts', import.meta.url)

const CLOCK: Clock = {
  wallMs: () => Date.now(),
  monoMs: () => performance.now(),
  setTimer(delayMs, callback) {
    const timer = setTimeout(callback, delayMs)
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}

/** The server's way from the socket to the disk, without HTTP, in this process, with a store of its own that goes with it. */
export class LoopbackServer implements AsyncDisposable {
  readonly host: string = HOST
  readonly port: number
  readonly dataDir: string
  readonly #close: () => Promise<void>

  private constructor(port: number, dataDir: string, close: () => Promise<void>) {
    this.port = port
    this.dataDir = dataDir
    this.#close = close
  }

  static async start(): Promise<LoopbackServer> {
    const dataDir = mkdtempSync(join(tmpdir(), 'godwit-bench-'))
    const store = await SqliteStore.open(dataDir, WRITER)
    const commits = new CommitQueue(store, CLOCK, {
      groupCommitted: () => {},
      sampleLost: () => {},
      callbackFailed: (error) => {
        throw error
      },
      groupFailed: (error) => console.error(`bench: a commit failed: ${error.message}`),
    })
    const listener = new WireListener(
      {
        store,
        commits,
        fleet: new Fleet(CLOCK),
        sessions: new SessionDirectory(),
        live: { isWatched: () => false, publish: () => {}, schemaSaved: () => {} },
        clock: CLOCK,
        log: (level, area, message) => {
          if (level !== 'info') console.error(`bench: ${area}: ${message}`)
        },
      },
      { connectionOpened: () => {}, connectionClosed: () => {}, connectionRejected: () => {} },
      { host: HOST, port: 0, allowed: loopback() },
    )
    const { port } = await listener.listen()
    return new LoopbackServer(port, dataDir, async () => {
      await listener.close()
      await commits.drain()
      await store.close()
      rmSync(dataDir, { recursive: true, force: true })
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close()
  }
}

function loopback(): BlockList {
  const allowed = new BlockList()
  allowed.addSubnet('127.0.0.0', 8)
  return allowed
}
