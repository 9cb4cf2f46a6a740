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

/** For the `querystring` of a route that has none: an unknown parameter is an error, not something to drop in silence. */
export const NO_PARAMETERS = { type: 'object', properties: {}, additionalProperties: false } as const
