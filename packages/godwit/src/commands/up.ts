import { join } from 'node:path'
import { collectorArguments } from '../collector-process.ts'
import { requireFile } from '../installation.ts'
import { type Address, formatAddress, parseAddress } from '../options/address.ts'
import type { ReadyLine } from '../supervise/ready-line.ts'
import { type ProcessSpec, SupervisedProcess } from '../supervise/supervised-process.ts'
import { homePath, startScreen } from '../terminal/start-screen.ts'
import type { CommandContext } from './command-context.ts'
import type { CommandOptions } from './command-table.ts'
import { dataDirectory, defaultDataDirectory } from './data-directory.ts'

type UpOptions = CommandOptions<'up'>

const SERVER_STOP_MS = 15_000
const COLLECTOR_STOP_MS = 10_000
const FLUSH_MS = 10_000
const BACKOFF_CAP_MS = 2000
const QUEUE_BYTES = 64 * 2 ** 20

/**
 * Runs server and collector as two processes until it is told to stop, or the server ends by itself; the collector may (a shutdown task).
 * Throws START_FAILED where one cannot start.
 */
export async function runUp(options: UpOptions, context: CommandContext): Promise<void> {
  const dataDir = dataDirectory(options.data ?? defaultDataDirectory(context.env))
  requireFile(context.installation.collector)
  const started: SupervisedProcess[] = []
  const supervise = (spec: ProcessSpec): SupervisedProcess => {
    const child = new SupervisedProcess(spec, context.clock, context.log)
    started.push(child)
    return child
  }
  // Nothing is started once `stop` has aborted, which it has before `kill` does.
  context.kill.addEventListener('abort', () => {
    for (const child of started) child.kill()
  })
  const server = supervise(serverSpec(options, dataDir, context))
  const ready = await startOr(server, context)
  if (ready === 'stopped') return

  const wire = reachable(ready.wire ?? '')
  const collector = supervise(collectorSpec(options, dataDir, wire, context))
  try {
    const sampling = await startOr(collector, context)
    if (sampling !== 'stopped') context.stdout.write(screenOf(ready, dataDir, context))
    await Promise.race([aborted(context.stop), server.finished])
    if (context.stop.aborted)
      context.stderr.write('Stopping: the collector, then the server. Ctrl-C again ends both at once.\n')
  } finally {
    // The collector first, so that the server takes its last ticks.
    await collector.stop()
    await server.stop()
  }
}

async function startOr(child: SupervisedProcess, { stop }: CommandContext): Promise<ReadyLine | 'stopped'> {
  const end = (): void => void child.stop()
  stop.addEventListener('abort', end)
  try {
    return stop.aborted ? 'stopped' : await child.start()
  } finally {
    stop.removeEventListener('abort', end)
  }
}

function serverSpec(options: UpOptions, dataDir: string, context: CommandContext): ProcessSpec {
  return {
    name: 'server',
    stopMs: SERVER_STOP_MS,
    env: withoutOurs(context.env),
    args: (last) => [
      context.installation.command,
      'server',
      `--data=${dataDir}`,
      // Where port 0 picked one, the collector and the browser have to find it again.
      `--wire=${last?.wire ?? formatAddress(options.wire)}`,
      `--http=${last?.http?.slice('http://'.length) ?? formatAddress(options.http)}`,
      ...options['allow-plain'].map((cidr) => `--allow-plain=${cidr}`),
      ...options['allow-host'].map((name) => `--allow-host=${name}`),
    ],
  }
}

function collectorSpec(options: UpOptions, dataDir: string, server: Address, context: CommandContext): ProcessSpec {
  const args = collectorArguments(context.installation.collector, {
    server,
    stateDir: join(dataDir, 'collector'),
    software: `godwit ${context.version}`,
    intervalMs: options.interval,
    flushMs: Math.max(FLUSH_MS, options.interval),
    queueBytes: QUEUE_BYTES,
    name: null,
    // The server is on this machine and nobody else's: there is no herd to spread.
    backoffCapMs: BACKOFF_CAP_MS,
  })
  return { name: 'collector', stopMs: COLLECTOR_STOP_MS, env: withoutOurs(context.env), args: () => args }
}

function screenOf(ready: ReadyLine, dataDir: string, { style }: CommandContext): string {
  return startScreen(
    {
      title: 'Godwit is up',
      rows: [
        ['page', ready.http ?? ''],
        ['data', homePath(dataDir)],
        ['collectors', `connect to ${ready.wire ?? ''}; one runs here`],
      ],
      foot: 'Ctrl-C stops both. The data stays.',
    },
    style,
  )
}

/** The flags say all: a variable meant for us must not reach a child a second time. */
function withoutOurs(env: CommandContext['env']): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('GODWIT_')))
}

/** Where a program of this machine finds what listens on all its addresses. */
function reachable(text: string): Address {
  const address = parseAddress(text)
  if (address === undefined) throw new Error(`BUG: the server said that it listens on ${JSON.stringify(text)}`)
  if (address.host === '0.0.0.0') return { ...address, host: '127.0.0.1' }
  return address.host === '::' ? { ...address, host: '::1' } : address
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
