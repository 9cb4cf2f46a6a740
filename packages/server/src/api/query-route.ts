import { splitSeriesList } from '@godwit/protocol'
import type { FastifyInstance } from 'fastify'
import { MAX_POINTS } from '../query/range-query.ts'
import { COLLECTOR_PARAMETERS, type CollectorParameters, findCollector } from './collector-parameter.ts'
import { PROBLEM_RESPONSES } from './problem.ts'
import type { RouteContext } from './route-context.ts'
import { parseTimeRange, RANGE_PARAMETERS, type RangeParameters } from './time-range.ts'

interface QueryParameters extends RangeParameters {
  readonly series?: string
  readonly points?: number
}

const COLUMN = { type: 'array', items: { type: ['number', 'null'] } } as const

/** Documents the answer, which comes from the reader as finished bytes. */
const ANSWER = {
  type: 'object',
  properties: {
    level: { type: 'integer', description: '0: every tick; 1: buckets of stepMs' },
    stepMs: { type: 'number' },
    timestampsMs: { type: 'array', items: { type: 'number' } },
    series: {
      type: 'object',
      additionalProperties: {
        type: 'object',
        properties: {
          unit: { type: 'string' },
          kind: { type: 'string' },
          value: COLUMN,
          mean: COLUMN,
          min: COLUMN,
          max: COLUMN,
        },
      },
    },
    gaps: { type: 'array', items: { type: 'object', additionalProperties: true } },
    gapsTruncated: { type: 'boolean', description: 'Gaps were too many: neighbours were joined' },
  },
} as const

export function addQueryRoute(app: FastifyInstance, context: RouteContext): void {
  app.get<{ Params: CollectorParameters; Querystring: QueryParameters }>(
    '/api/v1/collectors/:id/query',
    {
      exposeHeadRoute: false,
      schema: {
        summary: 'Columns of a range of time, at the resolution that the number of points asks for',
        params: COLLECTOR_PARAMETERS,
        querystring: {
          type: 'object',
          properties: {
            ...RANGE_PARAMETERS,
            series: {
              type: 'string',
              maxLength: 65_536,
              description: 'Series or metrics, separated by commas; all by default',
            },
            points: {
              type: 'integer',
              minimum: 1,
              maximum: MAX_POINTS,
              description: 'About so many rows at most; every tick by default',
            },
          },
          additionalProperties: false,
        },
        response: {
          200: { description: 'Columns; null is a gap', content: { 'application/json': { schema: ANSWER } } },
          ...PROBLEM_RESPONSES,
        },
      },
    },
    async (request, reply) => {
      context.answers.requireRoom()
      const { no } = findCollector(context.fleet, request.params).record
      const { series, points } = request.query
      const asked = {
        ...parseTimeRange(request.query, context.clock.wallMs()),
        series: series === undefined ? undefined : splitSeriesList(series),
        points,
      }
      const json = await context.work.run(() => context.query.range(no, asked), request.signal)
      return reply.type('application/json').send(Buffer.from(json.buffer, json.byteOffset, json.byteLength))
    },
  )
}
