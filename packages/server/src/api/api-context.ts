import type { Clock } from '../clock.ts'
import type { ServerErrorCode } from '../errors.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { LiveHub } from '../live/live-hub.ts'
import type { Log } from '../log.ts'
import type { ServerMetrics } from '../metrics/server-metrics.ts'
import type { QueryService } from '../query/query-service.ts'
import type { CollectorNo, Store } from '../store/store.ts'

/** The questions that the routes ask of what is stored. */
export type ApiQuery = Pick<QueryService, 'range' | 'gaps' | 'runs' | 'newestSchema' | 'completeness' | 'exportTicks'>

/** What the HTTP server needs of the others. */
export interface ApiContext {
  readonly fleet: Pick<Fleet, 'list' | 'numbers' | 'size' | 'get' | 'find'>
  readonly query: ApiQuery
  readonly store: Pick<Store, 'tasks' | 'addTask'>
  readonly live: Pick<LiveHub, 'accept' | 'close'>
  readonly metrics: ServerMetrics
  readonly clock: Clock
  /** Names, lower case, besides addresses and localhost, under which requests are answered. */
  readonly allowedHosts: readonly string[]
  /** The built page; without it the server answers the API alone. */
  readonly webRoot: string | undefined
  /** What was received and waits for the disk. */
  readonly commitQueueBytes: () => number
  /** Why ticks cannot be committed, or not be read, or null. */
  readonly storeProblem: () => ServerErrorCode | null
  /** A task waits: a connected collector can be told at once. */
  readonly taskAdded: (collectorNo: CollectorNo) => void
  /** Gets the failures that the sender of a request can do nothing about. */
  readonly log: Log
}
