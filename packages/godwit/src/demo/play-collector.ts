import { hash } from 'node:crypto'
import { createSchema, type Hello, type Schema, TickEncoder } from '@godwit/protocol'
import { type Clock, delay } from '../clock.ts'
import type { Address } from '../options/address.ts'
import type { DemoCollector } from './demo-fleet.ts'
import { SimulatedMachine } from './simulated-machine.ts'
import { TickBatches } from './tick-batches.ts'
import { V1Client } from './v1-client.ts'
import { WireClient } from './wire-client.ts'

export interface Stage {
  readonly clock: Clock
  readonly wire: Address
  readonly version: string
  /** Hears how many more ticks of the past were delivered: committed, or in version 1, which hears no answer, handed to the system. */
  readonly delivered: (ticks: number) => void
  readonly stop: AbortSignal
}

const INTERVAL_MS = 1000
const REBOOT_S = 40

/** Sends a collector's past as fast as it is acknowledged, then goes on each second until `stop`. Rejects if the server is away. */
export async function playCollector(collector: DemoCollector, stage: Stage): Promise<void> {
  if (collector.protocol === 1) await playVersion1(collector, stage)
  else await playVersion2(collector, stage)
}

async function playVersion2(collector: DemoCollector, stage: Stage): Promise<void> {
  const [first] = collector.runs
  if (first === undefined) return
  const schema = schemaOf(collector)
  const pastEndMs = Math.max(...collector.runs.map(({ toS }) => toS)) * 1000
  const client = await WireClient.open(
    stage.wire,
    helloOf(collector, schema, stage),
    [schema],
    stage.clock,
    // What is live goes in batches of its own.
    ({ count, lastWallMs }) => {
      if (lastWallMs < pastEndMs) stage.delivered(count)
    },
  )
  // No two machines tick at the same moment of a second.
  const phaseMs = collector.seed % INTERVAL_MS
  for (const [runIndex, { run, fromS, toS }] of collector.runs.entries()) {
    const machine = new SimulatedMachine(collector.role, collector.seed, fromS, runIndex === 0 ? undefined : REBOOT_S)
    const batches = new TickBatches(new TickEncoder({ schema, run, intervalMs: INTERVAL_MS }), runIndex)
    const flush = async (): Promise<void> => {
      const batch = batches.take()
      if (batch !== undefined) await client.send(batch)
    }
    const tick = async (timeS: number): Promise<void> => {
      batches.add(timeS * 1000 + phaseMs, machine.step(timeS))
      if (batches.isFull) await flush()
    }
    for (let timeS = fromS; timeS < toS && isOn(client, stage); timeS++) await tick(timeS)
    await flush()
    const isLast = runIndex === collector.runs.length - 1
    if (isLast && collector.isLive) await live(toS, phaseMs, client, stage, tick, flush)
  }
  await client.drained()
  await client.close()
}

async function playVersion1(collector: DemoCollector, stage: Stage): Promise<void> {
  const [run] = collector.runs
  if (run === undefined) return
  const client = await V1Client.open(stage.wire, collector.id)
  const machine = new SimulatedMachine(collector.role, collector.seed, run.fromS)
  const place = (name: string): number => machine.series.findIndex((series) => series.name === name)
  const [cpu, total, used] = [place('cpu_used_ratio'), place('memory_total_bytes'), place('memory_used_bytes')]
  const tick = async (timeS: number): Promise<void> => {
    const values = machine.step(timeS)
    const at = (index: number): number => values[index] ?? 0
    await client.send(timeS, { totalBytes: at(total), usedBytes: at(used), cpuRatio: at(cpu) })
  }
  for (let timeS = run.fromS; timeS < run.toS && isOn(client, stage); timeS++) {
    await tick(timeS)
    stage.delivered(1)
  }
  await live(run.toS, 0, client, stage, tick, () => Promise.resolve())
  await client.close()
}

/** Each second as it comes, from `fromS` on; those that went by while the past was sent come first. */
async function live(
  fromS: number,
  phaseMs: number,
  client: { readonly isClosed: boolean },
  stage: Stage,
  tick: (timeS: number) => Promise<void>,
  flush: () => Promise<void>,
): Promise<void> {
  let nextS = fromS
  while (isOn(client, stage)) {
    const nowMs = stage.clock.wallMs()
    for (; nextS * 1000 + phaseMs <= nowMs && isOn(client, stage); nextS++) await tick(nextS)
    await flush()
    await delay(stage.clock, nextS * 1000 + phaseMs - stage.clock.wallMs(), stage.stop)
  }
}

function isOn(client: { readonly isClosed: boolean }, { stop }: Stage): boolean {
  return !stop.aborted && !client.isClosed
}

function schemaOf({ role, seed }: DemoCollector): Schema {
  return createSchema(new SimulatedMachine(role, seed, 0).series, (bytes) => hash('sha256', bytes, 'buffer'))
}

function helloOf(collector: DemoCollector, schema: Schema, { clock, version }: Stage): Hello {
  const { hardware } = collector.role
  return {
    type: 'hello',
    collector: collector.id,
    name: collector.name,
    software: `godwit ${version} demo`,
    wallMs: clock.wallMs(),
    monoMs: Math.floor(clock.monoMs()),
    intervalMs: INTERVAL_MS,
    flushMs: INTERVAL_MS,
    runs: collector.runs.map(({ run, fromS, toS }) => ({ run, lo: 0, hi: Math.max(0, toS - fromS - 1) })),
    schemas: [schema.id],
    host: {
      os: 'Linux',
      arch: hardware.arch,
      cpus: hardware.cpus,
      memoryBytes: hardware.memoryBytes,
      simulated: 'yes',
    },
  }
}
