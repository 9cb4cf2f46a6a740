import { TASK_KINDS, type TaskKind } from '@godwit/protocol'
import type { FastifyInstance } from 'fastify'
import { COLLECTOR_PARAMETERS, type CollectorParameters, findCollector, NO_PARAMETERS } from './collector-parameter.ts'
import { PROBLEM_RESPONSES } from './problem.ts'
import type { RouteContext } from './route-context.ts'

interface TaskRequest {
  readonly kind: TaskKind
}

const TASK = {
  type: 'object',
  properties: {
    id: { type: 'integer' },
    kind: { type: 'string' },
    state: { type: 'string', enum: ['waiting', 'sent', 'done', 'failed'] },
    createdMs: { type: 'number' },
    changedMs: { type: 'number' },
    detail: { type: 'string' },
  },
} as const

const URL = '/api/v1/collectors/:id/tasks'

export function addTasksRoute(app: FastifyInstance, context: RouteContext): void {
  app.get<{ Params: CollectorParameters }>(
    URL,
    {
      schema: {
        summary: 'What the collector was told to do, and what became of it',
        params: COLLECTOR_PARAMETERS,
        querystring: NO_PARAMETERS,
        response: { 200: { description: 'Tasks', type: 'array', items: TASK }, ...PROBLEM_RESPONSES },
      },
    },
    async (request) => context.store.tasks(findCollector(context.fleet, request.params).record.no),
  )

  app.post<{ Params: CollectorParameters; Body: TaskRequest }>(
    URL,
    {
      schema: {
        summary: 'Tells the collector to do something when it can be reached',
        params: COLLECTOR_PARAMETERS,
        querystring: NO_PARAMETERS,
        body: {
          type: 'object',
          properties: { kind: { type: 'string', enum: TASK_KINDS } },
          required: ['kind'],
          additionalProperties: false,
        },
        response: { 201: { description: 'The task', ...TASK }, ...PROBLEM_RESPONSES },
      },
    },
    async (request, reply) => {
      const { no } = findCollector(context.fleet, request.params).record
      const task = await context.store.addTask(no, request.body.kind, context.clock.wallMs())
      context.taskAdded(no)
      return reply.code(201).send(task)
    },
  )
}
