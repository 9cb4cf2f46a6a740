import type { CollectorOptions } from '@godwit/collector'

/**
 * How Node runs the collector, on machines where a megabyte counts. `npm run bench -- collector` decides what is here:
 *   --jitless                 No compiler runs for code that works a millisecond a second: 3 MB of private memory and
 *                             12 MB of resident memory less, at the same processor time; and no memory is both written and run.
 *   --expose-gc               Lets the collector give back what starting took, once: 1 MB.
 *   --max-semi-space-size=1   Keeps the young generation small, in MiB, also after an outage.
 * Not --optimize-for-size: it doubles the processor time for 0.2 MB.
 */
export const COLLECTOR_NODE_FLAGS: readonly string[] = ['--jitless', '--expose-gc', '--max-semi-space-size=1']

/** The arguments after `node`. `collector` is the path of its bundle. */
export function collectorArguments(collector: string, options: CollectorOptions): string[] {
  // Node strips types with WebAssembly, which --jitless leaves out.
  const flags = COLLECTOR_NODE_FLAGS.filter((flag) => flag !== '--jitless' || !collector.endsWith('.ts'))
  return [...flags, collector, '--options', JSON.stringify(options)]
}
