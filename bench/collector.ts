import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { collectorArguments } from '../packages/godwit/src/collector-process.ts'
import { type BenchOptions, type Figure, figureOf, quantile } from './figure.ts'
import { LoopbackServer } from './loopback-server.ts'
import { measurePeers } from './peer-agents.ts'
import { storedTicks } from './stored-ticks.ts'
import { WatchedProcess } from './watched-process.ts'

const BENCH = 'collector'
const BUNDLE = fileURLToPath(new URL('../packages/godwit/dist/collector.js', import.meta.url))
const DEFAULT_SECONDS = 60
const INTERVAL_MS = 1000
const STARTS = 7
/** The first tick comes with the next full interval of the wall clock; that wait is no part of a start. */
const START_INTERVAL_MS = 10

/** The collector as it is shipped, at 1 Hz and with its default flush, connected to a server; and how fast it starts. */
export async function run(options: BenchOptions): Promise<Figure[]> {
  if (!existsSync(BUNDLE)) throw new Error('packages/godwit/dist/collector.js is missing: npm run build')
  const seconds = options.seconds ?? DEFAULT_SECONDS
  await using server = await LoopbackServer.start()
  const peers = options.peer ? measurePeers(BENCH, seconds) : Promise.resolve([])
  const [{ cpuPercent, privateMb, rssMb }, peerFigures] = await Promise.all([cost(server, seconds), peers])
  const lateMs = latenessMs(server.dataDir, seconds)
  const startMs: number[] = []
  for (let i = 0; i < STARTS; i++) startMs.push(await firstTickMs(server))
  return [
    figureOf(BENCH, 'cpu-percent', [cpuPercent], '% of a core', { atMost: 0.3 }),
    figureOf(BENCH, 'private-mb', [privateMb], 'MB', { atMost: 16 }),
    figureOf(BENCH, 'rss-mb', [rssMb], 'MB'),
    figureOf(BENCH, 'bundle-kb', [statSync(BUNDLE).size / 1000], 'kB'),
    figureOf(BENCH, 'first-tick-ms', startMs, 'ms'),
    figureOf(BENCH, 'jitter-p99-ms', [quantile(lateMs, 0.99)], 'ms after the second'),
    ...peerFigures,
  ]
}

async function cost(server: LoopbackServer, seconds: number): ReturnType<WatchedProcess['cost']> {
  using state = new StateDirectory()
  await using collector = startCollector(server, state.path, INTERVAL_MS)
  return await collector.cost(seconds)
}

/** From the start of the process to its word that it took a tick. */
async function firstTickMs(server: LoopbackServer): Promise<number> {
  using state = new StateDirectory()
  const startMs = performance.now()
  await using collector = startCollector(server, state.path, START_INTERVAL_MS)
  await collector.firstOutput()
  return performance.now() - startMs
}

function startCollector(server: LoopbackServer, stateDir: string, intervalMs: number): WatchedProcess {
  const args = collectorArguments(BUNDLE, {
    server: { host: server.host, port: server.port },
    stateDir,
    software: 'godwit bench',
    intervalMs,
    flushMs: 10_000,
    queueBytes: 64 * 1024 * 1024,
    name: null,
  })
  return new WatchedProcess(process.execPath, args)
}

/** How long after its second each stored tick was taken, by its own time; ascending. Throws if seconds are missing. */
function latenessMs(dataDir: string, seconds: number): number[] {
  const ticks = Array.from(storedTicks(dataDir), ({ seq, wallMs }) => ({ seq, wallMs }))
  const first = ticks[0]
  const last = ticks.at(-1)
  if (first === undefined || last === undefined || ticks.length < seconds) {
    throw new Error(`after ${seconds} s the store has ${ticks.length} ticks`)
  }
  const spanTicks = Math.round((last.wallMs - first.wallMs) / INTERVAL_MS) + 1
  if (spanTicks !== ticks.length) throw new Error(`of ${spanTicks} seconds the store has ${ticks.length}`)
  return ticks.map(({ wallMs }) => wallMs % INTERVAL_MS).toSorted((a, b) => a - b)
}

class StateDirectory implements Disposable {
  readonly path: string

  constructor() {
    this.path = mkdtempSync(join(tmpdir(), 'godwit-bench-'))
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}
