import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DemoCollector, demoFleet } from '../demo/demo-fleet.ts'
import { playCollector } from '../demo/play-collector.ts'
import { type Address, parseAddress } from '../options/address.ts'
import { Progress } from '../terminal/progress.ts'
import { startScreen } from '../terminal/start-screen.ts'
import type { CommandContext } from './command-context.ts'
import type { CommandOptions } from './command-table.ts'
import { runServerUntilStop } from './run-server.ts'

type DemoOptions = CommandOptions<'demo'>

/** Serves a simulated fleet from a directory of its own, which is removed at the end. */
export async function runDemo(options: DemoOptions, context: CommandContext): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'godwit-demo-'))
  try {
    await serveDemo(options, dataDir, context)
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function serveDemo(options: DemoOptions, dataDir: string, context: CommandContext): Promise<void> {
  const nowS = Math.floor(context.clock.wallMs() / 1000)
  const fleet = demoFleet(options.collectors, options.seed, nowS - options.hours * 3600, nowS)
  const server = { dataDir, wire: { host: '127.0.0.1', port: 0 }, http: options.http, allowPlain: [], allowHosts: [] }
  const log: CommandContext['log'] = (level, where, text) => {
    if (level === 'warn' || level === 'error') context.log(level, where, text)
  }
  await runServerUntilStop(server, context, log, async ({ wire, http }) => {
    context.stdout.write(screenOf(http, options, context))
    await playFleet(fleet, parseAddress(wire) as Address, context)
  })
}

async function playFleet(fleet: readonly DemoCollector[], wire: Address, context: CommandContext): Promise<void> {
  const pastTicks = fleet.reduce((sum, { runs }) => runs.reduce((ticks, { fromS, toS }) => ticks + toS - fromS, sum), 0)
  const progress = new Progress(context.stderr, context.clock)
  let deliveredTicks = 0
  const delivered = (ticks: number): void => {
    deliveredTicks += ticks
    if (deliveredTicks < pastTicks) {
      progress.draw(() => pastLine(deliveredTicks, pastTicks))
      return
    }
    progress.clear()
    context.stderr.write(`  past complete: ${pastTicks.toLocaleString('en-US')} ticks\n`)
  }
  const stage = { clock: context.clock, wire, version: context.version, delivered, stop: context.stop }
  await Promise.all(fleet.map((collector) => playCollector(collector, stage)))
}

function pastLine(deliveredTicks: number, pastTicks: number): string {
  const percent = Math.floor((100 * deliveredTicks) / pastTicks)
  return `  the past is on its way: ${percent} % of ${pastTicks.toLocaleString('en-US')} ticks`
}

function screenOf(http: string, options: DemoOptions, { style }: CommandContext): string {
  const machines = options.collectors === 1 ? 'one simulated machine' : `${options.collectors} simulated machines`
  const past =
    options.hours === 0 ? 'no history' : `${options.hours} ${options.hours === 1 ? 'hour' : 'hours'} of history`
  return startScreen(
    {
      title: 'Godwit demo',
      rows: [
        ['page', http],
        ['fleet', `${machines}, ${past}, then live each second`],
      ],
      foot: 'Ctrl-C ends it and leaves nothing behind.',
    },
    style,
  )
}
