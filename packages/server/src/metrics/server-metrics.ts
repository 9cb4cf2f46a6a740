import { type Counters, createCounters } from './counters.ts'

/** Every metric that the server tells of itself. A key is what the code counts by, a name what Prometheus sees. */
export const SERVER_METRICS = {
  connections: { kind: 'gauge', name: 'godwit_connections', help: 'Connections of collectors that are open' },
  connectionsRejected: {
    kind: 'counter',
    name: 'godwit_connections_rejected_total',
    label: 'reason',
    help: 'Connections closed because of what came on them, by error code',
  },
  ticksCommitted: { kind: 'counter', name: 'godwit_ticks_committed_total', help: 'Ticks that came to be on the disk' },
  batchesCommitted: {
    kind: 'counter',
    name: 'godwit_batches_committed_total',
    help: 'Batches of which some ticks were new',
  },
  batchesDuplicate: {
    kind: 'counter',
    name: 'godwit_batches_duplicate_total',
    help: 'Batches that were stored already and were acknowledged again',
  },
  samplesCommitted: {
    kind: 'counter',
    name: 'godwit_v1_samples_committed_total',
    help: 'Samples of version 1 collectors that came to be on the disk',
  },
  samplesDuplicate: {
    kind: 'counter',
    name: 'godwit_v1_samples_duplicate_total',
    help: 'Samples of version 1 collectors that were stored already',
  },
  samplesLost: {
    kind: 'counter',
    name: 'godwit_v1_samples_lost_total',
    label: 'reason',
    help: 'Samples of version 1 collectors given up because the store refused them too often, by error code',
  },
  commits: { kind: 'counter', name: 'godwit_commits_total', help: 'Transactions that were committed' },
  commitFailures: {
    kind: 'counter',
    name: 'godwit_commit_failures_total',
    label: 'reason',
    help: 'Transactions that failed, by error code',
  },
  commitSeconds: {
    kind: 'histogram',
    name: 'godwit_commit_seconds',
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5],
    help: 'Time from handing a group to the store until it was on the disk',
  },
  commitQueueBytes: {
    kind: 'gauge',
    name: 'godwit_commit_queue_bytes',
    help: 'Bytes of ticks received and not yet committed',
  },
  collectors: { kind: 'gauge', name: 'godwit_collectors', label: 'state', help: 'Collectors known, by state' },
  liveSubscribers: { kind: 'gauge', name: 'godwit_live_subscribers', help: 'Browsers connected to the live stream' },
  liveSubscriptions: {
    kind: 'gauge',
    name: 'godwit_live_subscriptions',
    help: 'Collectors watched, counted once a browser',
  },
  liveTicksSent: { kind: 'counter', name: 'godwit_live_ticks_sent_total', help: 'Ticks sent to browsers' },
  liveDropped: {
    kind: 'counter',
    name: 'godwit_live_dropped_total',
    help: 'Ticks not sent to a browser that was too slow; it is brought up to date from the store',
  },
  liveRefused: {
    kind: 'counter',
    name: 'godwit_live_refused_total',
    label: 'reason',
    help: 'Live connections that the server closed, by cause',
  },
  liveTailFailures: {
    kind: 'counter',
    name: 'godwit_live_tail_failures_total',
    help: 'Times that the newest ticks could not be read for a browser; it is tried again',
  },
  httpRequests: {
    kind: 'counter',
    name: 'godwit_http_requests_total',
    label: 'status',
    help: 'HTTP requests answered',
  },
  httpSeconds: {
    kind: 'histogram',
    name: 'godwit_http_seconds',
    buckets: [0.005, 0.025, 0.1, 0.5, 2.5, 10],
    help: 'Time until an HTTP request was answered, streams to their end',
  },
  httpUnsentBytes: {
    kind: 'gauge',
    name: 'godwit_http_unsent_bytes',
    help: 'Bytes of finished answers that their readers have not taken yet',
  },
  httpStalled: {
    kind: 'counter',
    name: 'godwit_http_stalled_total',
    help: 'HTTP connections closed because their reader took nothing of an answer for 30 s',
  },
  queriesRunning: { kind: 'gauge', name: 'godwit_queries_running', help: 'Queries that the reader works on' },
  queriesWaiting: { kind: 'gauge', name: 'godwit_queries_waiting', help: 'Queries that wait for their turn' },
  residentBytes: {
    kind: 'gauge',
    name: 'process_resident_memory_bytes',
    help: 'Memory that the process occupies',
  },
} as const

export type ServerMetrics = Counters<typeof SERVER_METRICS>

export function createServerMetrics(): ServerMetrics {
  return createCounters(SERVER_METRICS)
}
