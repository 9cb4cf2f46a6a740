import type { Address } from './options/address.ts'

/**
 * How Node runs the collector: it lives on small machines, allocates little, and has nothing to gain from a large heap.
 */
export const COLLECTOR_NODE_FLAGS: readonly string[] = ['--max-semi-space-size=1', '--optimize-for-size']

/** What the collector's own main takes, checked already, as JSON behind `--options`. */
export interface CollectorOptions {
  readonly server: Address
  readonly stateDir: string
  readonly intervalMs: number
  readonly flushMs: number
  readonly queueBytes: number
  /** Null leaves it to the collector: the host's name. */
  readonly name: string | null
}

/** The arguments after `node`. `collector` is the path of its bundle. */
export function collectorArguments(collector: string, options: CollectorOptions): string[] {
  return [...COLLECTOR_NODE_FLAGS, collector, '--options', JSON.stringify(options)]
}
