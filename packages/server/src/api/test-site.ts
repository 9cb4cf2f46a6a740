import { hash } from 'node:crypto'
import type { TestContext } from 'node:test'
import { createSchema, formatCollectorId, type Schema, seriesOf } from '@godwit/protocol'
import type { ServerErrorCode } from '../errors.ts'
import { Fleet } from '../fleet/fleet.ts'
import { LiveHub } from '../live/live-hub.ts'
import { TestClock } from '../live/test-clock.ts'
import type { Log } from '../log.ts'
import { createServerMetrics, type ServerMetrics } from '../metrics/server-metrics.ts'
import { encodeGaps } from '../query/answer-json.ts'
import type { RangeRequest } from '../query/range-query.ts'
import type { StoredBatch, TaskRecord } from '../store/store.ts'
import type { ApiContext, ApiQuery } from './api-context.ts'
import { createHttpServer } from './http-server.ts'

export const START_MS: number = Date.parse('2026-01-02T03:04:05Z')
export const COLLECTOR_ID: string = formatCollectorId(new Uint8Array(16).fill(0xa1))
export const SCHEMA: Schema = createSchema([seriesOf('cpu_used_ratio')], (bytes) => hash('sha256', bytes, 'buffer'))

export const QUERY_ANSWER = '{"level":0,"stepMs":1000,"timestampsMs":[],"series":{},"gaps":[]}'

/** For tests: lets sockets go on until it is so. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

/** For tests: the site's one collector as its row of the list. */
export const ROW: Readonly<Record<string, unknown>> = {
  id: COLLECTOR_ID,
  name: 'kiosk',
  tags: [],
  state: 'live',
  connected: false,
  lastTickMs: START_MS - 1000,
  backlogTicks: null,
  completeness24h: 0.5,
  host: { os: 'linux', cpus: 4 },
  protocol: 2,
  software: 'godwit/0.1.0',
}

/** For tests: the HTTP server on a free port, over a fleet of one collector and answers that tests change. */
export class TestSite {
  readonly clock: TestClock = new TestClock(START_MS)
  readonly metrics: ServerMetrics = createServerMetrics()
  readonly fleet: Fleet = new Fleet(this.clock)
  readonly tail: StoredBatch[] = []
  readonly tasks: TaskRecord[] = []
  readonly tasksTold: number[] = []
  readonly logged: string[] = []
  readonly log: Log = (level, area, message) => void this.logged.push(`${level} ${area} ${message}`)
  readonly live: LiveHub = new LiveHub({
    fleet: this.fleet,
    tailOf: async () => this.tail,
    schemasOf: async () => [SCHEMA],
    clock: this.clock,
    counters: this.metrics,
    log: this.log,
  })
  /** What the reader was asked last. */
  asked: RangeRequest | undefined
  storeProblem: ServerErrorCode | null = null
  query: ApiQuery = {
    range: async (_no, request) => {
      this.asked = request
      return Buffer.from(QUERY_ANSWER)
    },
    async *exportTicks(_no, _range, format) {
      yield Buffer.from(`${format} 1\n`)
      yield Buffer.from(`${format} 2\n`)
    },
    gaps: async (_no, { fromMs, toMs }) =>
      encodeGaps([
        { run: '00000000002a', lo: 3, hi: 4, fromMs, toMs, cause: 'lost' },
        { run: '00000000002a', lo: null, hi: null, fromMs, toMs, cause: 'collector stopped' },
      ]),
    completeness: async () => ({ storedTicks: 3600, expectedTicks: 7200 }),
    runs: async () => [
      {
        run: 42,
        firstSeq: 0,
        ticks: 20,
        firstMs: START_MS,
        lastMs: START_MS,
        have: [
          { run: 42, lo: 0, hi: 9 },
          { run: 42, lo: 20, hi: 29 },
        ],
      },
      { run: 43, firstSeq: 0, ticks: 1, firstMs: START_MS, lastMs: START_MS, have: [{ run: 43, lo: 0, hi: 0 }] },
    ],
    newestSchema: async () => null,
  }
  /** `http://127.0.0.1:port`, without a slash at its end. */
  url = ''

  constructor() {
    this.fleet.add(
      {
        no: 1,
        id: COLLECTOR_ID,
        name: 'kiosk',
        protocol: 2,
        software: 'godwit/0.1.0',
        host: { os: 'linux', cpus: 4 },
        intervalMs: 1000,
        firstSeenMs: START_MS,
      },
      START_MS - 1000,
    )
  }

  /** Listens until the test ends. */
  async start(t: TestContext, options: { webRoot?: string } = {}): Promise<void> {
    const server = await createHttpServer(this.context(options.webRoot))
    t.after(() => server.close())
    this.url = await server.listen({ host: '127.0.0.1', port: 0 })
  }

  /** Asks for an address below the collector. */
  async ask(path: string, init?: RequestInit): Promise<Response> {
    return fetch(this.url + this.pathOf(path), init)
  }

  /** Of an address below the collector. */
  pathOf(path: string): string {
    return `/api/v1/collectors/${COLLECTOR_ID}${path}`
  }

  async addTask(kind: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const body = JSON.stringify({ kind })
    return this.ask('/tasks', { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body })
  }

  context(webRoot: string | undefined): ApiContext {
    return {
      fleet: this.fleet,
      // Tests replace answers while the server runs.
      query: {
        range: (no, request) => this.query.range(no, request),
        exportTicks: (no, range, format) => this.query.exportTicks(no, range, format),
        gaps: (no, range) => this.query.gaps(no, range),
        completeness: (no, range) => this.query.completeness(no, range),
        runs: (no) => this.query.runs(no),
        newestSchema: (no) => this.query.newestSchema(no),
      },
      store: {
        tasks: async () => this.tasks,
        addTask: async (_no, kind, nowMs) => {
          const task: TaskRecord = { id: 1, kind, state: 'waiting', createdMs: nowMs, changedMs: nowMs, detail: '' }
          this.tasks.push(task)
          return task
        },
      },
      live: this.live,
      metrics: this.metrics,
      clock: this.clock,
      allowedHosts: [],
      webRoot,
      commitQueueBytes: () => 1234,
      storeProblem: () => this.storeProblem,
      taskAdded: (no) => this.tasksTold.push(no),
      log: this.log,
    }
  }
}

/** For tests: a site that is served until the test ends. */
export async function startedSite(t: TestContext): Promise<TestSite> {
  const site = new TestSite()
  await site.start(t)
  return site
}
