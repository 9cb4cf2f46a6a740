import { randomInt } from 'node:crypto'
import { formatCollectorId } from '@godwit/protocol'
import { Collector } from './collector.ts'
import { CollectorError } from './errors.ts'
import { loadIdentity } from './identity/collector-identity.ts'
import { readOptions } from './options.ts'
import { systemClock } from './tick/system-clock.ts'

const MAX_RUN = 2 ** 48 - 1

/** What starting took is given back by one full collection, about a megabyte; V8 would see no reason for one within days. */
function releaseStartMemory(): void {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}

function log(level: string, area: string, message: string): void {
  const line = message.replaceAll(/\s+/g, ' ')
  process.stderr.write(`${new Date(systemClock.wallMs()).toISOString()} ${level} ${area} ${line}\n`)
}

function main(): void {
  const options = readOptions(process.argv.slice(2))
  const id = loadIdentity(options.stateDir)
  let isStopping = false
  const stop = (): void => {
    // The second request does not wait for the server.
    if (isStopping) process.exit(0)
    isStopping = true
    void collector.stop().then(() => process.exit(0))
  }
  const collector = new Collector({
    options,
    id,
    run: randomInt(MAX_RUN),
    clock: systemClock,
    random: Math.random,
    platform: process.platform,
    log,
    onSampling: () => process.stdout.write(`${JSON.stringify({ ready: true, collector: formatCollectorId(id) })}\n`),
    onSettled: releaseStartMemory,
    onShutdown: stop,
  })
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  // Whoever started this process with a channel wants it to end with him.
  process.on('disconnect', stop)
  // A reader of our output that went away is no reason to stop sampling.
  process.stdout.on('error', () => {})
  process.stderr.on('error', () => {})
}

try {
  main()
} catch (error) {
  if (!(error instanceof CollectorError)) throw error
  const where = error.path === undefined ? '' : `: ${error.path}`
  const hint = error.hint === undefined ? '' : `\nhint: ${error.hint}`
  const { cause } = error
  // The word of the operating system (EACCES, EROFS).
  const reason = cause instanceof Error && 'syscall' in cause && 'code' in cause ? ` (${String(cause.code)})` : ''
  process.stderr.write(`godwit collect: ${error.message}${where}${reason}${hint}\n`)
  process.exitCode = error.code === 'OPTIONS_INVALID' ? 2 : 1
}
