import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { ExportFormat } from '../query/tick-export.ts'
import { COLLECTOR_PARAMETERS, type CollectorParameters, findCollector } from './collector-parameter.ts'
import { failureLine, PROBLEM_RESPONSES } from './problem.ts'
import type { RouteContext } from './route-context.ts'
import { parseTimeRange, RANGE_PARAMETERS, type RangeParameters } from './time-range.ts'

interface TicksParameters extends RangeParameters {
  readonly format: ExportFormat
}

const CONTENT_TYPES: Readonly<Record<ExportFormat, string>> = {
  ndjson: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
}

export function addTicksRoute(app: FastifyInstance, context: RouteContext): void {
  app.get<{ Params: CollectorParameters; Querystring: TicksParameters }>(
    '/api/v1/collectors/:id/ticks',
    {
      exposeHeadRoute: false,
      schema: {
        summary: 'Every tick of a range of time, exact, one a line',
        params: COLLECTOR_PARAMETERS,
        querystring: {
          type: 'object',
          properties: { ...RANGE_PARAMETERS, format: { type: 'string', enum: ['ndjson', 'csv'], default: 'ndjson' } },
          additionalProperties: false,
        },
        response: {
          200: {
            description: 'A line a tick: run, seq, wallMs, correctedMs and values',
            content: {
              'application/x-ndjson': { schema: { type: 'string' } },
              'text/csv': { schema: { type: 'string' } },
            },
          },
          ...PROBLEM_RESPONSES,
        },
      },
    },
    async (request, reply) => {
      const { no, id } = findCollector(context.fleet, request.params).record
      const { format } = request.query
      const range = parseTimeRange(request.query, context.clock.wallMs())
      const pieces = context.work.stream(context.query.exportTicks(no, range, format), request.signal)
      // Before the status is sent, so that what fails at once is told as a problem.
      const first = await pieces.next()
      void reply.type(CONTENT_TYPES[format])
      if (format === 'csv') void reply.header('content-disposition', `attachment; filename="${id}.csv"`)
      const told = (error: unknown): void => {
        // Until then the error handler answers and logs.
        if (reply.raw.headersSent && !request.signal.aborted) context.log('error', 'api', failureLine(request, error))
      }
      return reply.send(Readable.from(startingWith(first, pieces, told), { objectMode: false }))
    },
  )
}

async function* startingWith(
  first: IteratorResult<Uint8Array, void>,
  rest: AsyncGenerator<Uint8Array, void, undefined>,
  onError: (error: unknown) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (first.done === true) return
  try {
    yield first.value
    yield* rest
  } catch (error) {
    onError(error)
    throw error
  }
}
