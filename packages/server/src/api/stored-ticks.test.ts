import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { ByteWriter, createSchema, formatCollectorId, type Schema, seriesOf, TickEncoder } from '@godwit/protocol'
import { Fleet } from '../fleet/fleet.ts'
import { LiveHub } from '../live/live-hub.ts'
import { TestClock } from '../live/test-clock.ts'
import { createServerMetrics } from '../metrics/server-metrics.ts'
import { QueryService } from '../query/query-service.ts'
import { SqliteStore } from '../store/sqlite/sqlite-store.ts'
import type { StoredBatch } from '../store/store.ts'
import { createHttpServer } from './http-server.ts'

const START_MS = Date.parse('2026-01-02T03:00:00Z')
const ID = formatCollectorId(new Uint8Array(16).fill(0xa1))
const RUN = 0x2a
const WRITER = new URL('../store/sqlite/writer-worker.ts', import.meta.url)
const READER = new URL('../query/reader-worker.ts', import.meta.url)

const schemaOf = (...names: string[]): Schema => {
  return createSchema(
    names.map((name) => seriesOf(name)),
    (bytes) => hash('sha256', bytes, 'buffer'),
  )
}
const OLD_SCHEMA = schemaOf('cpu_used_ratio')
const NEW_SCHEMA = schemaOf('cpu_used_ratio', 'load1')

/** Ticks first..first+count-1 of the run, one a second. */
function batchOf(schema: Schema, collectorNo: number, seq: number, count: number): StoredBatch {
  const encoder = new TickEncoder({ schema, run: RUN, intervalMs: 1000 })
  const ticks = new ByteWriter()
  for (let at = seq; at < seq + count; at++) {
    const values = Float64Array.from(schema.series, () => at / 1000)
    const { bytes } = encoder.encode({ seq: at, wallMs: START_MS + at * 1000, monoMs: at * 1000, missed: 0 }, values)
    ticks.varint(bytes.length)
    ticks.append(bytes)
  }
  const lastMs = START_MS + (seq + count - 1) * 1000
  return { collectorNo, run: RUN, seq, count, firstMs: START_MS + seq * 1000, lastMs, ticks: ticks.written() }
}

/** A server without the wire: a real store, its reader, and HTTP. Ticks 0..9 and 20..29 are stored. */
async function started(t: TestContext): Promise<{ url: string; live: LiveHub; no: number }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'godwit-api-'))
  const clock = new TestClock(START_MS + 30_000)
  const store = await SqliteStore.open(dataDir, WRITER)
  const query = new QueryService({ dataDir, workerUrl: READER, clock })
  const fleet = new Fleet(clock)
  const metrics = createServerMetrics()
  const log = (): void => {}
  const live = new LiveHub({
    fleet,
    tailOf: (no) => query.tail(no),
    schemasOf: (no) => query.tailSchemas(no),
    clock,
    counters: metrics,
    log,
  })
  const server = await createHttpServer({
    fleet,
    query,
    store,
    live,
    metrics,
    clock,
    allowedHosts: [],
    webRoot: undefined,
    commitQueueBytes: () => 0,
    storeProblem: () => null,
    taskAdded: () => {},
    log,
  })
  t.after(async () => {
    await server.close()
    await query.close()
    await store.close()
    await rm(dataDir, { recursive: true })
  })
  const facts = { id: ID, name: 'kiosk', protocol: 2, software: 'test', host: {}, intervalMs: 1000 } as const
  const record = await store.saveCollector(facts, START_MS)
  for (const schema of [OLD_SCHEMA, NEW_SCHEMA]) await store.saveSchema(record.no, schema)
  const batches = [batchOf(OLD_SCHEMA, record.no, 0, 10), batchOf(NEW_SCHEMA, record.no, 20, 10)]
  await store.commit({ batches, samples: [] })
  fleet.add(record, START_MS + 29_000)
  return { url: await server.listen({ host: '127.0.0.1', port: 0 }), live, no: record.no }
}

test('what was committed comes out of every route', { timeout: 30_000 }, async (t) => {
  const { url } = await started(t)
  const get = async (path: string): Promise<Response> => fetch(`${url}/api/v1/collectors/${ID}${path}`)
  const range = 'from=2026-01-02T03:00:00Z&to=2026-01-02T03:00:29Z'

  const detail = (await (await get('')).json()) as { schema: unknown; runs: unknown; completeness24h: unknown }
  assert.deepEqual(detail.schema, { id: NEW_SCHEMA.id, series: NEW_SCHEMA.series })
  assert.deepEqual(detail.runs, [
    {
      run: '00000000002a',
      have: [
        [0, 9],
        [20, 29],
      ],
    },
  ])
  // Of less than ten minutes no share is told.
  assert.equal(detail.completeness24h, null)

  const columns = (await (await get(`/query?${range}&series=load1`)).json()) as {
    series: Record<string, { value: (number | null)[] }>
  }
  assert.deepEqual(Object.keys(columns.series), ['load1'])
  assert.equal(columns.series.load1?.value.filter((value) => value !== null).length, 10)

  const lines = (await (await get(`/ticks?${range}`)).text()).trimEnd().split('\n')
  const seqs = lines.map((line) => (JSON.parse(line) as { seq: number }).seq)
  assert.deepEqual(seqs, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29])
  assert.match(await (await get(`/ticks?${range}&format=csv`)).text(), /^run,seq,wall_ms,/)

  const gaps = (await (await get(`/gaps?${range}`)).json()) as { lo: number; hi: number; cause: string }[]
  assert.deepEqual(
    gaps.map(({ lo, hi, cause }) => [lo, hi, cause]),
    [[10, 19, 'lost']],
  )

  const refused = (await (await get(`/query?${range}&series=cpu_usedratio`)).json()) as { code: string; detail: string }
  assert.equal(refused.code, 'SERIES_UNKNOWN')
  assert.match(refused.detail, /did you mean cpu_used_ratio\?/)

  const body = JSON.stringify({ kind: 'shutdown' })
  const headers = { 'content-type': 'application/json' }
  const task = await fetch(`${url}/api/v1/collectors/${ID}/tasks`, { method: 'POST', headers, body })
  assert.equal(task.status, 201)
  assert.deepEqual(await (await get('/tasks')).json(), [await task.json()])
})

test('a browser gets the stored tail and what is committed after it', { timeout: 30_000 }, async (t) => {
  const { url, live, no } = await started(t)
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/live`)
  socket.binaryType = 'arraybuffer'
  const seqs: number[] = []
  const schemas: string[] = []
  const done = Promise.withResolvers<void>()
  socket.addEventListener('open', () => socket.send(JSON.stringify({ subscribe: [ID] })))
  socket.addEventListener('message', ({ data }: MessageEvent) => {
    if (typeof data === 'string') {
      const notice = JSON.parse(data) as { schema?: { id: string } }
      if (notice.schema !== undefined) schemas.push(notice.schema.id)
      return
    }
    seqs.push(new Uint8Array(data as ArrayBuffer)[22] as number)
    if (seqs.length === 1) live.publish(batchOf(NEW_SCHEMA, no, 30, 1))
    if (seqs.length === 2) done.resolve()
  })
  await done.promise
  assert.deepEqual(seqs, [20, 30])
  assert.deepEqual(schemas, [NEW_SCHEMA.id])
  socket.close()
})
