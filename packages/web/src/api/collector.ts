import type { Series } from '@godwit/protocol'

export type CollectorState = 'live' | 'late' | 'silent' | 'clone'

/** What a collector said of its machine; each field may be missing. */
export interface HostFacts {
  readonly os?: string
  readonly arch?: string
  readonly cpus?: number
  readonly kernel?: string
  readonly model?: string
  readonly hostname?: string
  readonly memoryBytes?: number
}

/** One row of the fleet. */
export interface Collector {
  /** UUID in text. */
  readonly id: string
  readonly name: string
  readonly tags: readonly string[]
  readonly state: CollectorState
  readonly lastTickMs: number | null
  /** Ticks that wait in its queue. */
  readonly backlogTicks: number | null
  /** 0..1 */
  readonly completeness24h: number | null
  readonly host: HostFacts | null
  readonly protocol: 1 | 2
}

export interface CollectorSchema {
  readonly id: string
  readonly series: readonly Series[]
}

export interface CollectorDetail extends Collector {
  readonly schema: CollectorSchema | null
}
