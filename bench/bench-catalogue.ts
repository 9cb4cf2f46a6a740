import type { Bench } from './figure.ts'

export interface BenchEntry {
  readonly name: string
  readonly help: string
  readonly load: () => Promise<{ readonly run: Bench }>
}

/** In the order in which data flows. A bench is loaded when it is asked for, so that none slows another. */
export const BENCHES: readonly BenchEntry[] = [
  {
    name: 'codec',
    help: 'the tick codec: bytes a value, values encoded and decoded a second',
    load: () => import('./codec.ts'),
  },
  {
    name: 'ingest',
    help: 'what committing costs the server, how long acks take; --peer: VictoriaMetrics',
    load: () => import('./ingest.ts'),
  },
  {
    name: 'collector',
    help: 'processor, memory and punctuality of the collector; --peer: node_exporter, collectd',
    load: () => import('./collector.ts'),
  },
  {
    name: 'wire',
    help: 'bytes a value between collector and server, flushed each 1, 10 and 60 s',
    load: () => import('./wire.ts'),
  },
]
