import type { CollectorState, CollectorStatus } from '../fleet/fleet.ts'

type HostFacts = Readonly<Record<string, string | number>>

const LISTED_FACTS = ['os', 'arch', 'cpus'] as const

/** A collector as lists and live notices show it. */
export interface FleetRow {
  readonly id: string
  readonly name: string
  readonly tags: readonly string[]
  readonly state: CollectorState
  readonly connected: boolean
  readonly lastTickMs: number | null
  readonly backlogTicks: number | null
  /** Of its host's facts those that a row of a list has room for: of 100,000 collectors all would be hundreds of MB. */
  readonly host: HostFacts
  readonly protocol: 1 | 2
  readonly software: string
}

export function fleetRow(status: CollectorStatus): FleetRow {
  const { record } = status
  return {
    id: record.id,
    name: record.name,
    tags: [],
    state: status.state,
    connected: status.connected,
    lastTickMs: status.lastTickMs,
    backlogTicks: status.backlogTicks,
    host: listedFacts(record.host),
    protocol: record.protocol,
    software: record.software,
  }
}

function listedFacts(host: HostFacts): HostFacts {
  const facts: Record<string, string | number> = {}
  for (const name of LISTED_FACTS) {
    const fact = host[name]
    if (fact !== undefined) facts[name] = fact
  }
  return facts
}
