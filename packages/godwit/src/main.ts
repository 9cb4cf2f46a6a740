import process from 'node:process'
import { isatty } from 'node:tty'
import type { Command } from './commands/command.ts'
import { type CommandContext, OUTPUT_CLOSED } from './commands/command-context.ts'
import { COMMANDS, type CommandName, type CommandOptions } from './commands/command-table.ts'
import { GodwitError, isSaidAlready, isWrongUse } from './errors.ts'
import { commandHelp, globalHelp } from './help/help-text.ts'
import { installationAt } from './installation.ts'
import { findCommand } from './options/find-command.ts'
import { parseOptions } from './options/parse-options.ts'
import { systemClock } from './system-clock.ts'
import { errorText } from './terminal/error-text.ts'
import { formatLogLine, type LogLevel } from './terminal/log-line.ts'
import { styleFor } from './terminal/style.ts'
import { VERSION } from './version.ts'

const AWAKE_MS = 2 ** 30

type Run<N extends CommandName> = (options: CommandOptions<N>, context: CommandContext) => Promise<void>

/** Loaded when called: the collector and a wrong flag should not wait for the server's code. */
const RUN: { readonly [N in CommandName]: Run<N> } = {
  up: async (options, context) => (await import('./commands/up.ts')).runUp(options, context),
  server: async (options, context) => (await import('./commands/server.ts')).runServer(options, context),
  collect: async (options, context) => (await import('./commands/collect.ts')).runCollect(options, context),
  demo: async (options, context) => (await import('./commands/demo.ts')).runDemo(options, context),
  export: async (options, context) => (await import('./commands/export.ts')).runExport(options, context),
}

async function main(args: readonly string[]): Promise<void> {
  const [first, ...rest] = args
  const style = styleFor(process.stdout, process.env)
  if (first === undefined)
    throw new GodwitError('COMMAND_UNKNOWN', {
      what: 'which command?',
      hint: '`godwit --help` lists them; `godwit up` is the one to start with',
    })
  if (first === '--version' || first === '-v' || first === 'version') return print(`${VERSION}\n`)
  if (first === '--help' || first === '-h' || (first === 'help' && rest.length === 0))
    return print(globalHelp(COMMANDS, VERSION, style))
  if (first === 'help') return print(commandHelp(findCommand(rest[0] ?? ''), style))

  const command = findCommand(first)
  const options = parseOptions(command, rest, process.env)
  if (options === 'help') return print(commandHelp(command, style))
  return run(command, options)
}

async function run(command: Command, options: Readonly<Record<string, unknown>>): Promise<void> {
  const stop = new AbortController()
  const kill = new AbortController()
  const ask = (): void => (stop.signal.aborted ? kill : stop).abort()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, ask)
  // Under nohup, which takes the terminal away, a hangup has to stay ignored.
  if (isatty(0)) process.on('SIGHUP', ask)
  // Only a process that was started with a channel ever hears this: whoever started it is gone.
  process.on('disconnect', () => stop.abort())
  // Whoever reads our output may have seen enough (`| head`).
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    stop.abort(OUTPUT_CLOSED)
  })

  // Timers of the clock hold no process, and a command may have nothing else: `up`, while both its children wait to start again.
  const awake = setInterval(() => {}, AWAKE_MS)
  try {
    await (RUN[command.name as CommandName] as (options: unknown, context: CommandContext) => Promise<void>)(options, {
      version: VERSION,
      env: process.env,
      clock: systemClock,
      log: writeLogLine,
      stdout: process.stdout,
      stderr: process.stderr,
      style: styleFor(process.stdout, process.env),
      installation: installationAt(import.meta.url),
      stop: stop.signal,
      kill: kill.signal,
    })
  } finally {
    clearInterval(awake)
  }
}

function writeLogLine(level: LogLevel, where: string, text: string): void {
  if (level === 'debug') return
  process.stderr.write(formatLogLine(systemClock.wallMs(), level, where, text))
}

function print(text: string): void {
  process.stdout.write(text)
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (!isSaidAlready(error)) process.stderr.write(errorText(error, styleFor(process.stderr, process.env)))
  // A command that failed half way may have left a socket or a thread open: that must not keep a failed process alive.
  process.exit(isWrongUse(error) ? 2 : 1)
}
if (process.connected) process.disconnect?.()
