import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Figure, figureOf } from './figure.ts'
import { installedProgram } from './installed-program.ts'
import type { LoadPlan } from './load/load-plan.ts'
import { seriesNames } from './load/machine-ticks.ts'
import { playLoad } from './load/play-load.ts'
import { WatchedProcess } from './watched-process.ts'

const RUNS = 3
const START_TIMEOUT_MS = 20_000
const START_POLL_MS = 50
const LOAD = new URL('./load/remote-write-load.ts', import.meta.url)

/** What both sides are given. */
export type PeerLoad = Pick<LoadPlan, 'connections' | 'ticksPerBatch' | 'batchesPerConnection' | 'warmUpBatches'>

/**
 * What it costs VictoriaMetrics to receive the same points by remote write and to answer. It answers when it has them in memory, seconds
 * before they are on its disk. `ours` are figures in values a CPU-second, to be given as multiples of the peer's. No figures where
 * it is not installed.
 */
export async function measurePeer(
  bench: string,
  load: PeerLoad,
  ours: readonly Figure[],
  note: (text: string) => void,
): Promise<Figure[]> {
  const program = installedProgram('victoria-metrics', 'victoria-metrics')
  if (program === undefined) return []
  const perCpuS: number[] = []
  const batchesPerS: number[] = []
  for (let i = 0; i < RUNS; i++) {
    note(`peer run ${i + 1} of ${RUNS}`)
    const { batches, wallS, cpuS } = await measureOnce(program, load)
    perCpuS.push((batches * load.ticksPerBatch * seriesNames.length) / cpuS)
    batchesPerS.push(batches / wallS)
  }
  const peer = figureOf(bench, 'peer-values-per-cpu-s', perCpuS, 'values, victoria-metrics')
  return [
    peer,
    figureOf(bench, 'peer-batches-per-s', batchesPerS, 'batches, victoria-metrics'),
    ...ours.map(({ figure, value }) =>
      figureOf(bench, `${figure}-to-peer`, [value / peer.value], 'times victoria-metrics'),
    ),
  ]
}

async function measureOnce(program: string, load: PeerLoad): ReturnType<typeof playLoad> {
  const directory = mkdtempSync(join(tmpdir(), 'godwit-bench-'))
  try {
    const port = await freePort()
    await using server = new WatchedProcess(program, [
      `-storageDataPath=${directory}`,
      `-httpListenAddr=127.0.0.1:${port}`,
      '-retentionPeriod=1',
      // Else a query leaves out what is younger than 30 s.
      '-search.latencyOffset=0s',
    ])
    const { pid } = server.child
    if (pid === undefined) throw new Error(`${program} does not start`)
    await untilHealthy(port, server)
    const result = await playLoad(LOAD, { ...load, port, window: 1, batchesPerS: null }, pid)
    await verify(port, load)
    return result
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** The peer cannot be asked which port the system gave it. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function untilHealthy(port: number, { child }: WatchedProcess): Promise<void> {
  const deadlineMs = performance.now() + START_TIMEOUT_MS
  while (child.exitCode === null && performance.now() < deadlineMs) {
    const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined)
    if (answer?.ok === true) return
    await sleep(START_POLL_MS)
  }
  throw new Error('victoria-metrics does not start')
}

/** Answers for what is not in the store would be worth nothing. */
async function verify(port: number, load: PeerLoad): Promise<void> {
  await answerOf(`http://127.0.0.1:${port}/internal/force_flush`)
  const query = new URLSearchParams({ query: 'sum(count_over_time({instance!=""}[1d]))' })
  const text = await answerOf(`http://127.0.0.1:${port}/api/v1/query?${query.toString()}`)
  const { data } = JSON.parse(text) as { data: { result: { value: [number, string] }[] } }
  const stored = Number(data.result[0]?.value[1])
  const wanted = load.connections * load.batchesPerConnection * load.ticksPerBatch * seriesNames.length
  if (stored !== wanted) throw new Error(`victoria-metrics answered for ${wanted} values and has ${stored}`)
}

async function answerOf(url: string): Promise<string> {
  const answer = await fetch(url)
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text}`)
  return text
}
