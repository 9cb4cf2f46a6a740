import { isLoopback } from '../options/address.ts'
import { formatReadyLine } from '../supervise/ready-line.ts'
import type { Log } from '../terminal/log-line.ts'
import type { CommandContext } from './command-context.ts'
import type { CommandOptions } from './command-table.ts'
import { dataDirectory } from './data-directory.ts'
import { runServerUntilStop } from './run-server.ts'

type Options = CommandOptions<'server'>

/** Runs the server until it is told to stop. Rejects with the ServerErrors of its start. */
export async function runServer(options: Options, context: CommandContext): Promise<void> {
  const { wire, http } = options
  const allowPlain = options['allow-plain']
  const allowHosts = options['allow-host']
  await runServerUntilStop(
    { dataDir: dataDirectory(options.data), wire, http, allowPlain, allowHosts },
    context,
    context.log,
    (at) => {
      if (!isLoopback(wire)) warnOfOpenWire(at.wire, allowPlain, context.log)
      if (!isLoopback(http)) {
        context.log('warn', 'http', `${at.http} is plain text without a login: whoever reaches it can read everything`)
      }
      context.stdout.write(formatReadyLine(at))
      return Promise.resolve()
    },
  )
}

/** As long as the wire asks nobody who he is, an operator who opens it should read what that means. */
function warnOfOpenWire(address: string, allowPlain: readonly string[], log: Log): void {
  const who =
    allowPlain.length === 0
      ? 'from this machine alone; --allow-plain CIDR lets others in'
      : `from ${allowPlain.join(', ')}; whoever is there can send data as any collector`
  log('warn', 'wire', `${address} is plain text without authentication: connections are served ${who}`)
}
