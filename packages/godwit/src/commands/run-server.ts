import { fileURLToPath } from 'node:url'
import { startServer } from '@godwit/server'
import { requireFile } from '../installation.ts'
import type { Address } from '../options/address.ts'
import type { Log } from '../terminal/log-line.ts'
import type { CommandContext } from './command-context.ts'

export interface ServerOptions {
  readonly dataDir: string
  readonly wire: Address
  readonly http: Address
  readonly allowPlain: readonly string[]
  readonly allowHosts: readonly string[]
}

export interface ServerAddresses {
  /** HOST:PORT */
  readonly wire: string
  /** http://HOST:PORT */
  readonly http: string
}

/**
 * Runs a server in this process until `stop`. `work` begins when it is ready; what it rejects with ends the server. Rejects with
 * BUILD_MISSING, and with what the server failed of.
 */
export async function runServerUntilStop(
  options: ServerOptions,
  context: CommandContext,
  log: Log,
  work: (addresses: ServerAddresses) => Promise<void>,
): Promise<void> {
  const { installation, clock, stop } = context
  for (const worker of Object.values(installation.workers)) requireFile(fileURLToPath(worker))
  const server = await startServer({
    dataDir: options.dataDir,
    wire: options.wire,
    http: options.http,
    allowPlain: options.allowPlain,
    allowHosts: options.allowHosts,
    webRoot: installation.webRoot,
    workers: installation.workers,
    clock,
    log,
  })
  try {
    const stopped = new Promise<undefined>((resolve) => {
      if (stop.aborted) resolve(undefined)
      else stop.addEventListener('abort', () => resolve(undefined), { once: true })
    })
    const worked = work({ wire: server.wireAddress, http: `http://${server.httpAddress}` }).then(() => stopped)
    const failure: unknown = await Promise.race([worked, server.closed])
    if (failure instanceof Error) throw failure
  } finally {
    await server.close()
  }
}
