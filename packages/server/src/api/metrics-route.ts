import type { FastifyInstance } from 'fastify'
import type { CollectorState } from '../fleet/fleet.ts'
import { PROMETHEUS_CONTENT_TYPE, prometheusText } from '../metrics/prometheus-text.ts'
import { SERVER_METRICS } from '../metrics/server-metrics.ts'
import type { RouteContext } from './route-context.ts'
import { inSlices } from './slices.ts'

const STATES: readonly CollectorState[] = ['live', 'late', 'silent']

export function addMetricsRoute(app: FastifyInstance, context: RouteContext): void {
  app.get(
    '/metrics',
    {
      schema: {
        summary: 'What the server tells of itself, in the text format of Prometheus',
        response: { 200: { description: 'Metrics', content: { 'text/plain': { schema: { type: 'string' } } } } },
      },
    },
    async (_request, reply) => {
      const { metrics, fleet } = context
      const counts = new Map<CollectorState, number>()
      for await (const statuses of inSlices(fleet.list())) {
        for (const { state } of statuses) counts.set(state, (counts.get(state) ?? 0) + 1)
      }
      for (const state of STATES) metrics.collectors.of(state).value = counts.get(state) ?? 0
      metrics.commitQueueBytes.value = context.commitQueueBytes()
      metrics.residentBytes.value = process.memoryUsage.rss()
      return reply.type(PROMETHEUS_CONTENT_TYPE).send(prometheusText(SERVER_METRICS, metrics))
    },
  )
}
