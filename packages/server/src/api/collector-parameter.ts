import { ServerError } from '../errors.ts'
import type { CollectorStatus, Fleet } from '../fleet/fleet.ts'

export interface CollectorParameters {
  readonly id: string
}

/** For the `params` of a route's schema. */
export const COLLECTOR_PARAMETERS = {
  type: 'object',
  properties: { id: { type: 'string', format: 'uuid', description: 'The UUID of a collector' } },
  required: ['id'],
} as const

/** Throws COLLECTOR_UNKNOWN. */
export function findCollector(fleet: Pick<Fleet, 'find'>, { id }: CollectorParameters): CollectorStatus {
  const status = fleet.find(id.toLowerCase())
  if (status === undefined) throw new ServerError('COLLECTOR_UNKNOWN', { path: id.toLowerCase() })
  return status
}
