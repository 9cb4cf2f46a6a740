import type { CollectorState, CollectorStatus } from '../fleet/fleet.ts'

/** A collector as lists and live notices show it. */
export interface FleetRow {
  readonly id: string
  readonly name: string
  readonly tags: readonly string[]
  readonly state: CollectorState
  readonly connected: boolean
  readonly lastTickMs: number | null
  readonly backlogTicks: number | null
  readonly host: Readonly<Record<string, string | number>>
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
    host: record.host,
    protocol: record.protocol,
    software: record.software,
  }
}
