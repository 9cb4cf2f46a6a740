import { formatRun, type Schema } from '@godwit/protocol'
import type { FastifyInstance } from 'fastify'
import { type FleetRow, fleetRow } from '../live/fleet-row.ts'
import type { RunSummary } from '../store/store-reader.ts'
import { COLLECTOR_PARAMETERS, type CollectorParameters, findCollector } from './collector-parameter.ts'
import { newestSchema } from './newest-schema.ts'
import { PROBLEM_RESPONSES } from './problem.ts'
import type { RouteContext } from './route-context.ts'

interface CollectorAnswer extends FleetRow {
  /** 0..1; null where nothing is known. */
  readonly completeness24h: number | null
}

interface CollectorDetail extends CollectorAnswer {
  readonly schema: Pick<Schema, 'id' | 'series'> | null
  readonly runs: readonly RunAnswer[]
}

/** `have`: ticks [lo, hi], both included, that are stored. */
interface RunAnswer {
  readonly run: string
  readonly have: [number, number][]
}

const COLLECTOR_PROPERTIES = {
  id: { type: 'string', format: 'uuid' },
  name: { type: 'string' },
  tags: { type: 'array', items: { type: 'string' } },
  state: { type: 'string', enum: ['live', 'late', 'silent'] },
  connected: { type: 'boolean' },
  lastTickMs: { type: ['number', 'null'], description: 'Unix ms by the clock of the collector' },
  backlogTicks: { type: ['number', 'null'], description: 'Ticks that wait in its queue' },
  completeness24h: {
    type: ['number', 'null'],
    description: 'Stored ticks of the last 24 hours over all of them, 0..1',
  },
  host: { type: 'object', additionalProperties: true },
  protocol: { type: 'integer', enum: [1, 2] },
  software: { type: 'string' },
} as const

const SERIES = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    unit: { type: 'string' },
    kind: { type: 'string', enum: ['gauge', 'counter'] },
    resolution: { type: ['number', 'null'] },
  },
} as const

const DETAIL_PROPERTIES = {
  ...COLLECTOR_PROPERTIES,
  schema: {
    type: ['object', 'null'],
    properties: { id: { type: 'string' }, series: { type: 'array', items: SERIES } },
  },
  runs: {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        run: { type: 'string' },
        have: { type: 'array', items: { type: 'array', items: { type: 'integer' } } },
      },
    },
  },
} as const

export function addCollectorsRoute(app: FastifyInstance, context: RouteContext): void {
  app.get(
    '/api/v1/collectors',
    {
      schema: {
        summary: 'All collectors, by name',
        response: {
          200: {
            description: 'Collectors',
            type: 'array',
            items: { type: 'object', properties: COLLECTOR_PROPERTIES },
          },
          ...PROBLEM_RESPONSES,
        },
      },
    },
    async (request): Promise<CollectorAnswer[]> => {
      const statuses = context.fleet.list()
      const numbers = statuses.map(({ record }) => record.no)
      const completeness = await context.completeness.of(numbers, request.signal)
      return statuses.map((status, at) => ({ ...fleetRow(status), completeness24h: completeness[at] ?? null }))
    },
  )

  app.get<{ Params: CollectorParameters }>(
    '/api/v1/collectors/:id',
    {
      schema: {
        summary: 'One collector with its newest schema and what is stored of its runs',
        params: COLLECTOR_PARAMETERS,
        response: {
          200: { description: 'The collector', type: 'object', properties: DETAIL_PROPERTIES },
          ...PROBLEM_RESPONSES,
        },
      },
    },
    async (request): Promise<CollectorDetail> => {
      const status = findCollector(context.fleet, request.params)
      const { no } = status.record
      const [completeness24h = null] = await context.completeness.of([no], request.signal)
      const schema = await context.work.run(() => newestSchema(context.query, no), request.signal)
      const runs = await context.work.run(() => context.query.runs(no), request.signal)
      return { ...fleetRow(status), completeness24h, schema, runs: runs.map(runAnswer) }
    },
  )
}

function runAnswer({ run, have }: RunSummary): RunAnswer {
  return { run: formatRun(run), have: have.map(({ lo, hi }) => [lo, hi]) }
}
