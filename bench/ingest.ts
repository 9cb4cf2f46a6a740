import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { DATABASE_FILE } from '../packages/server/src/store/sqlite/database-schema.ts'
import { readDataset } from './dataset.ts'
import { type BenchOptions, type Figure, figureOf, quantile } from './figure.ts'
import type { LoadPlan } from './load/load-plan.ts'
import { playLoad } from './load/play-load.ts'
import { measurePeer, type PeerLoad } from './peer-ingest.ts'
import { WatchedProcess } from './watched-process.ts'

const BENCH = 'ingest'
const GODWIT = join(import.meta.dirname, '../packages/godwit/dist/godwit.js')
const LOAD = new URL('./load/fleet-load.ts', import.meta.url)
const RUNS = 5
const CONNECTIONS = 1000
const TICKS_PER_BATCH = 10
/** Batches that one write of a collector holds: it has this many when it comes back after a while, or flushes seldom. */
const IN_FLIGHT = 4
const BATCHES = 64
const WARM_UP_BATCHES = 16
const PEER_LOAD: PeerLoad = {
  connections: CONNECTIONS,
  ticksPerBatch: TICKS_PER_BATCH,
  batchesPerConnection: BATCHES + WARM_UP_BATCHES,
  warmUpBatches: WARM_UP_BATCHES,
}

interface Measured {
  readonly valuesPerCpuS: number
  readonly batchesPerS: number
  /** Ascending. */
  readonly ackMs: readonly number[]
}

/**
 * What it costs a server, all threads counted, to receive, commit with synchronous=FULL and acknowledge. The load runs in a process of
 * its own. Each run has a new server, which is warm before the clock starts; what it stored is counted afterwards.
 */
export async function run(options: BenchOptions): Promise<Figure[]> {
  const note = options.json ? () => {} : (text: string) => console.error(text)
  const full: Measured[] = []
  const single: Measured[] = []
  const half: Measured[] = []
  for (let i = 0; i < RUNS; i++) {
    note(`run ${i + 1} of ${RUNS}`)
    const saturated = await measure({ batches: BATCHES, window: IN_FLIGHT, batchesPerS: null })
    full.push(saturated)
    single.push(await measure({ batches: BATCHES, window: 1, batchesPerS: null }))
    half.push(await measure({ batches: BATCHES, window: IN_FLIGHT, batchesPerS: saturated.batchesPerS / 2 }))
  }
  const perCpuS = (runs: readonly Measured[]): number[] => runs.map(({ valuesPerCpuS }) => valuesPerCpuS)
  const p99 = (runs: readonly Measured[]): number[] => runs.map(({ ackMs }) => quantile(ackMs, 0.99))
  const ours = [
    figureOf(BENCH, 'commit-values-per-cpu-s', perCpuS(full), 'values', { atLeast: 20e6 }),
    figureOf(BENCH, 'commit-values-per-cpu-s-1-in-flight', perCpuS(single), 'values'),
  ]
  return [
    ...ours,
    figureOf(
      BENCH,
      'commit-batches-per-s',
      full.map(({ batchesPerS }) => batchesPerS),
      'batches',
    ),
    figureOf(BENCH, 'ack-p99-ms', p99(half), 'ms', { atMost: 100 }),
    ...(options.peer ? await measurePeer(BENCH, PEER_LOAD, ours, note) : []),
  ]
}

async function measure(load: { batches: number; window: number; batchesPerS: number | null }): Promise<Measured> {
  const dataDir = mkdtempSync(join(tmpdir(), 'godwit-bench-'))
  try {
    const measured = await measureServer(dataDir, load)
    verify(dataDir, load.batches + WARM_UP_BATCHES)
    return measured
  } finally {
    rmSync(dataDir, { recursive: true })
  }
}

async function measureServer(
  dataDir: string,
  load: { batches: number; window: number; batchesPerS: number | null },
): Promise<Measured> {
  const args = ['server', '--data', dataDir, '--wire', '127.0.0.1:0', '--http', '127.0.0.1:0']
  await using server = new WatchedProcess(process.execPath, [GODWIT, ...args])
  const { wire } = JSON.parse(await server.firstOutput()) as { wire: string }
  const pid = server.child.pid as number
  const plan: LoadPlan = {
    port: Number(wire.split(':').at(-1)),
    connections: CONNECTIONS,
    ticksPerBatch: TICKS_PER_BATCH,
    batchesPerConnection: load.batches + WARM_UP_BATCHES,
    warmUpBatches: WARM_UP_BATCHES,
    window: load.window,
    batchesPerS: load.batchesPerS,
  }
  const { batches, wallS, ackMs, cpuS } = await playLoad(LOAD, plan, pid)
  const values = batches * TICKS_PER_BATCH * readDataset().series.length
  return { valuesPerCpuS: values / cpuS, batchesPerS: batches / wallS, ackMs }
}

/** Acks for what is not in the store would be worth nothing. */
function verify(dataDir: string, batchesPerConnection: number): void {
  using database = new DatabaseSync(join(dataDir, DATABASE_FILE), { readOnly: true })
  const wanted = CONNECTIONS * batchesPerConnection * TICKS_PER_BATCH
  const inbox = Number(database.prepare('SELECT sum(count) AS ticks FROM inbox').get()?.['ticks'])
  const have = Number(database.prepare('SELECT sum(hi - lo + 1) AS ticks FROM have').get()?.['ticks'])
  if (inbox !== wanted || have !== wanted)
    throw new Error(`${wanted} ticks were acknowledged, ${inbox} are stored, ${have} are had`)
}
