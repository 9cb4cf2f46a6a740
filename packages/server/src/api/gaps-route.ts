import type { FastifyInstance } from 'fastify'
import { MAX_GAPS } from '../query/gap-list.ts'
import { COLLECTOR_PARAMETERS, type CollectorParameters, findCollector } from './collector-parameter.ts'
import { PROBLEM_RESPONSES } from './problem.ts'
import type { RouteContext } from './route-context.ts'
import { parseTimeRange, RANGE_PARAMETERS, type RangeParameters } from './time-range.ts'

/** Documents the answer, which comes from the reader as finished bytes. query/gap.ts says what the fields mean. */
const GAP = {
  type: 'object',
  properties: {
    run: { type: 'string' },
    lo: { type: ['integer', 'null'] },
    hi: { type: ['integer', 'null'] },
    fromMs: { type: 'number' },
    toMs: { type: 'number' },
    cause: { type: 'string' },
  },
} as const

export function addGapsRoute(app: FastifyInstance, context: RouteContext): void {
  app.get<{ Params: CollectorParameters; Querystring: RangeParameters }>(
    '/api/v1/collectors/:id/gaps',
    {
      schema: {
        summary: 'Ticks of a range of time that are not stored, with the cause',
        params: COLLECTOR_PARAMETERS,
        querystring: { type: 'object', properties: RANGE_PARAMETERS, additionalProperties: false },
        response: {
          200: {
            description: `Gaps; of more than ${MAX_GAPS} the nearest are joined`,
            content: { 'application/json': { schema: { type: 'array', items: GAP } } },
          },
          ...PROBLEM_RESPONSES,
        },
      },
    },
    async (request, reply) => {
      context.answers.requireRoom()
      const { no } = findCollector(context.fleet, request.params).record
      const range = parseTimeRange(request.query, context.clock.wallMs())
      const json = await context.work.run(() => context.query.gaps(no, range), request.signal)
      return reply.type('application/json').send(Buffer.from(json.buffer, json.byteOffset, json.byteLength))
    },
  )
}
