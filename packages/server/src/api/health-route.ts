import type { FastifyInstance } from 'fastify'
import { PROBLEM_RESPONSES, problemOf, sendProblem } from './problem.ts'
import type { RouteContext } from './route-context.ts'

const STATUS = { type: 'object', properties: { status: { type: 'string' } } } as const

export function addHealthRoute(app: FastifyInstance, context: RouteContext): void {
  app.get(
    '/healthz',
    { schema: { summary: 'Whether the process answers', response: { 200: { description: 'It does', ...STATUS } } } },
    async () => ({ status: 'alive' }),
  )

  app.get(
    '/readyz',
    {
      schema: {
        summary: 'Whether ticks can be committed and read',
        response: { 200: { description: 'They can', ...STATUS }, ...PROBLEM_RESPONSES },
      },
    },
    async (_request, reply) => {
      const code = context.storeProblem()
      if (code === null) return { status: 'ready' }
      return sendProblem(reply, problemOf(code, undefined, 503))
    },
  )
}
