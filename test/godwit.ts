import { join } from 'node:path'
import { StartedProcess } from './started-process.ts'

const DIST = join(import.meta.dirname, '../packages/godwit/dist')
export const COMMAND: string = join(DIST, 'godwit.js')
const COLLECTOR = join(DIST, 'collector.js')

/** The command as it is installed: `npm run build` makes it. */
export function startGodwit(args: readonly string[], env?: Readonly<Record<string, string>>): StartedProcess {
  return new StartedProcess([COMMAND, ...args], env)
}

/** Runs the command to its end. */
export async function runGodwit(
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  await using started = startGodwit(args, env)
  const { code } = await started.exited
  return { code, stdout: started.stdout, stderr: started.stderr }
}

export interface ServerProcess extends AsyncDisposable {
  readonly process: StartedProcess
  /** HOST:PORT */
  readonly wire: string
  readonly wirePort: number
  /** http://HOST:PORT */
  readonly http: string
}

/** `godwit server`, when it is ready; on the ports of `last` if there is one. */
export async function startServer(dataDir: string, last?: ServerProcess): Promise<ServerProcess> {
  const wire = last?.wire ?? '127.0.0.1:0'
  const http = last?.http.slice('http://'.length) ?? '127.0.0.1:0'
  return serverOf(startGodwit(['server', '--data', dataDir, '--wire', wire, '--http', http]))
}

/** The same with the wire port given. */
export async function startServerAt(dataDir: string, wirePort: number): Promise<ServerProcess> {
  const wire = `127.0.0.1:${wirePort}`
  return serverOf(startGodwit(['server', '--data', dataDir, '--wire', wire, '--http', '127.0.0.1:0']))
}

async function serverOf(process: StartedProcess): Promise<ServerProcess> {
  try {
    const ready = (await process.readyLine()) as { wire: string; http: string }
    const wirePort = Number(ready.wire.split(':').at(-1))
    return { ...ready, wirePort, process, [Symbol.asyncDispose]: () => process[Symbol.asyncDispose]() }
  } catch (error) {
    await process[Symbol.asyncDispose]()
    throw error
  }
}

export interface CollectorProcess extends AsyncDisposable {
  readonly process: StartedProcess
  readonly id: string
}

export interface CollectorSettings {
  readonly wirePort: number
  readonly stateDir: string
  readonly intervalMs: number
  readonly flushMs: number
  readonly name?: string
  /** A collector that waits minutes for its next try is right in the field, and too slow for a test. */
  readonly backoffCapMs?: number
}

/** `godwit collect`; where a backoff is given, which no flag sets, the bundle that the command becomes. */
export async function startCollector(settings: CollectorSettings): Promise<CollectorProcess> {
  const { wirePort, stateDir, intervalMs, flushMs, backoffCapMs, name = 'tested' } = settings
  const flags = [`--server=127.0.0.1:${wirePort}`, `--state=${stateDir}`, `--name=${name}`]
  const server = { host: '127.0.0.1', port: wirePort }
  const options = { server, stateDir, software: 'test', intervalMs, flushMs, queueBytes: 2 ** 26, name, backoffCapMs }
  const process =
    backoffCapMs === undefined
      ? startGodwit(['collect', ...flags, `--interval=${intervalMs}ms`, `--flush=${flushMs}ms`])
      : new StartedProcess([COLLECTOR, '--options', JSON.stringify(options)])
  try {
    const { collector } = (await process.readyLine()) as { collector: string }
    return { process, id: collector, [Symbol.asyncDispose]: () => process[Symbol.asyncDispose]() }
  } catch (error) {
    await process[Symbol.asyncDispose]()
    throw error
  }
}
