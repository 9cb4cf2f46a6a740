import { collectorArguments } from '../collector-process.ts'
import { requireFile } from '../installation.ts'
import type { CommandContext } from './command-context.ts'
import type { CommandOptions } from './command-table.ts'
import { dataDirectory } from './data-directory.ts'

/**
 * Becomes the collector: the same process goes on as Node with the collector's flags and bundle, so that signals, output
 * and exit code are its own, and the memory of this command is gone. Returns only by throwing.
 */
export function runCollect(options: CommandOptions<'collect'>, context: CommandContext): never {
  const collector = requireFile(context.installation.collector)
  const args = collectorArguments(collector, {
    server: options.server,
    stateDir: dataDirectory(options.state, '--state'),
    software: `godwit ${context.version}`,
    intervalMs: options.interval,
    flushMs: options.flush,
    queueBytes: options['queue-size'],
    name: options.name ?? null,
  })
  if (process.execve === undefined) throw new Error('BUG: execve is part of Node on Linux and macOS')
  return process.execve(process.execPath, [process.execPath, ...args], definedOnly(context.env))
}

function definedOnly(env: CommandContext['env']): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined))
}
