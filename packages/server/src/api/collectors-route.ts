import { Readable } from 'node:stream'
import { formatRun, type Schema } from '@godwit/protocol'
import type { FastifyInstance } from 'fastify'
import type { CollectorStatus } from '../fleet/fleet.ts'
import { type FleetRow, fleetRow } from '../live/fleet-row.ts'
import type { RunSummary } from '../store/store-reader.ts'
import { COLLECTOR_PARAMETERS, type CollectorParameters, findCollector, NO_PARAMETERS } from './collector-parameter.ts'
import { PROBLEM_RESPONSES } from './problem.ts'
import type { RouteContext } from './route-context.ts'
import { inSlices, SLICE_LENGTH } from './slices.ts'

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
        querystring: NO_PARAMETERS,
        response: {
          200: {
            description: 'Collectors',
            content: {
              'application/json': {
                schema: { type: 'array', items: { type: 'object', properties: COLLECTOR_PROPERTIES } },
              },
            },
          },
          ...PROBLEM_RESPONSES,
        },
      },
    },
    async (request, reply) => {
      await context.completeness.refresh(context.fleet.numbers(), request.signal)
      const pieces = listJson(context)
      void reply.type('application/json')
      if (context.fleet.size > SLICE_LENGTH) return reply.send(Readable.from(pieces, { objectMode: false }))
      return reply.send(Buffer.from((await Array.fromAsync(pieces)).join('')))
    },
  )

  app.get<{ Params: CollectorParameters }>(
    '/api/v1/collectors/:id',
    {
      schema: {
        summary: 'One collector with its newest schema and what is stored of its runs',
        params: COLLECTOR_PARAMETERS,
        querystring: NO_PARAMETERS,
        response: {
          200: { description: 'The collector', type: 'object', properties: DETAIL_PROPERTIES },
          ...PROBLEM_RESPONSES,
        },
      },
    },
    async (request): Promise<CollectorDetail> => {
      context.answers.requireRoom()
      const status = findCollector(context.fleet, request.params)
      const { no } = status.record
      await context.completeness.refresh([no], request.signal)
      const schema = await context.work.run(() => context.query.newestSchema(no), request.signal)
      const runs = await context.work.run(() => context.query.runs(no), request.signal)
      const { host } = status.record
      return { ...collectorAnswer(context, status), host, schema, runs: runs.map(runAnswer) }
    },
  )
}

/** The array in pieces of a thousand collectors. */
async function* listJson(context: RouteContext): AsyncGenerator<string, void, undefined> {
  let before = '['
  for await (const statuses of inSlices(context.fleet.list())) {
    const rows = statuses.map((status) => JSON.stringify(collectorAnswer(context, status)))
    yield before + rows.join(',')
    before = ','
  }
  yield before === '[' ? '[]' : ']'
}

function collectorAnswer({ completeness }: RouteContext, status: CollectorStatus): CollectorAnswer {
  return { ...fleetRow(status), completeness24h: completeness.get(status.record.no) }
}

function runAnswer({ run, have }: RunSummary): RunAnswer {
  return { run: formatRun(run), have: have.map(({ lo, hi }) => [lo, hi]) }
}
