import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { ServerError } from '../errors.ts'
import { createHttpServer } from './http-server.ts'
import { COLLECTOR_ID, QUERY_ANSWER, ROW, START_MS, startedSite, TestSite } from './test-site.ts'

/** Checks that the answer is a problem and returns its code and detail. */
async function problemIn(response: Response): Promise<{ status: number; code: string; detail: string }> {
  assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/)
  const problem = (await response.json()) as Record<string, string | number>
  assert.deepEqual(Object.keys(problem), ['type', 'title', 'status', 'detail', 'code'])
  assert.equal(problem.status, response.status)
  assert.ok(!JSON.stringify(problem).includes('    at '), 'no stack trace')
  return { status: response.status, code: String(problem.code), detail: String(problem.detail) }
}

test('the list of collectors shows the fleet with completeness', async (t) => {
  const site = await startedSite(t)
  const response = await fetch(`${site.url}/api/v1/collectors`)
  assert.equal(response.headers.get('cache-control'), 'no-store')
  assert.deepEqual(await response.json(), [ROW])
})

test('one collector shows what is stored of each run, whatever the case of its id', async (t) => {
  const site = await startedSite(t)
  const response = await fetch(`${site.url}/api/v1/collectors/${COLLECTOR_ID.toUpperCase()}`)
  assert.deepEqual(await response.json(), {
    ...ROW,
    schema: null,
    runs: [
      {
        run: '00000000002a',
        have: [
          [0, 9],
          [20, 29],
        ],
      },
      { run: '00000000002b', have: [[0, 0]] },
    ],
  })
})

test('a query hands the bytes of the reader on, with times in either form', async (t) => {
  const site = await startedSite(t)
  const series = encodeURIComponent('disk_reads_total{device="a,b"},load1')
  const response = await site.ask(
    `/query?from=2026-01-02T04:00:00%2B01:00&to=1767322801000&points=500&series=${series}`,
  )
  assert.equal(response.headers.get('content-type'), 'application/json')
  assert.equal(await response.text(), QUERY_ANSWER)
  assert.deepEqual(site.asked, {
    fromMs: Date.parse('2026-01-02T03:00:00Z'),
    toMs: 1767322801000,
    points: 500,
    series: ['disk_reads_total{device="a,b"}', 'load1'],
  })
})

test('without a range the last five minutes are asked for', async (t) => {
  const site = await startedSite(t)
  await site.ask('/query')
  assert.deepEqual(site.asked, {
    fromMs: START_MS - 300_000,
    toMs: START_MS,
    series: undefined,
    points: undefined,
  })
})

test('wrong parameters are named together with what is allowed', async (t) => {
  const site = await startedSite(t)
  const cases: readonly [path: string, code: string, detail: RegExp][] = [
    ['/query?points=0', 'REQUEST_INVALID', /query parameter points must be >= 1/],
    ['/query?points=many', 'REQUEST_INVALID', /query parameter points must be integer/],
    ['/query?form=1', 'REQUEST_INVALID', /"form" is not known; allowed: from, to, series, points/],
    ['/query?from=1&from=2', 'REQUEST_INVALID', /query parameter from must be string/],
    ['/query?from=yesterday', 'RANGE_INVALID', /query parameter from must be unix ms .* or RFC 3339/],
    ['/query?from=2026-01-02', 'RANGE_INVALID', /from must be/],
    ['/query?from=2026-13-02T00:00:00Z', 'RANGE_INVALID', /from must be/],
    ['/query?from=2000&to=1000', 'RANGE_INVALID', /from must not be after to/],
    ['/ticks?format=xml', 'REQUEST_INVALID', /format must be one of ndjson, csv/],
    ['/gaps?points=1', 'REQUEST_INVALID', /"points" is not known; allowed: from, to/],
  ]
  for (const [path, code, detail] of cases) {
    const problem = await problemIn(await site.ask(path))
    assert.deepEqual([problem.status, problem.code], [400, code], path)
    assert.match(problem.detail, detail)
  }
  assert.deepEqual(site.logged, [])
})

test('what does not exist is 404: a route, a collector; an id that is no UUID is 400', async (t) => {
  const site = await startedSite(t)
  const get = async (path: string): Promise<[number, string]> => {
    const { status, code } = await problemIn(await fetch(site.url + path))
    return [status, code]
  }
  assert.deepEqual(await get('/api/v1/nothing'), [404, 'ROUTE_UNKNOWN'])
  assert.deepEqual(await get('/'), [404, 'ROUTE_UNKNOWN'])
  assert.deepEqual(await get('/api/v1/collectors/00000000-0000-4000-8000-000000000000/query'), [
    404,
    'COLLECTOR_UNKNOWN',
  ])
  assert.deepEqual(await get('/api/v1/collectors/kiosk'), [400, 'REQUEST_INVALID'])
  assert.deepEqual(await get('/api/v1/collectors/%ff'), [400, 'REQUEST_INVALID'])
})

test('failures of the store have their code, and tell neither message nor path', async (t) => {
  const site = await startedSite(t)
  const failures: readonly [error: Error, status: number, code: string][] = [
    [new ServerError('STORE_BUSY'), 503, 'STORE_BUSY'],
    [new ServerError('STORE_CORRUPT', { path: '/secret/godwit.db' }), 500, 'STORE_CORRUPT'],
    [new TypeError('BUG: /secret'), 500, 'INTERNAL'],
  ]
  for (const [error, status, code] of failures) {
    site.query.range = async () => Promise.reject(error)
    const response = await site.ask('/query')
    const problem = await problemIn(response)
    assert.deepEqual([problem.status, problem.code], [status, code])
    assert.ok(!problem.detail.includes('secret'))
    assert.equal(response.headers.has('retry-after'), status === 503)
  }
  assert.equal(site.logged.length, 2)
  assert.match(
    site.logged[0] ?? '',
    /^error api GET \/api\/v1\/collectors\/[^ ]+\/query failed: STORE_CORRUPT: .* \(\/secret\/godwit\.db\)$/,
  )
})

test('a series that the collector does not have is refused with the hint of the reader', async (t) => {
  const site = await startedSite(t)
  site.query.range = async () =>
    Promise.reject(new ServerError('SERIES_UNKNOWN', { what: 'no series cpu', hint: 'did you mean cpu_used_ratio?' }))
  const problem = await problemIn(await site.ask('/query?series=cpu'))
  assert.deepEqual(problem, {
    status: 404,
    code: 'SERIES_UNKNOWN',
    detail: 'no series cpu; did you mean cpu_used_ratio?',
  })
})

test('ticks are streamed as lines, and as CSV on demand', async (t) => {
  const site = await startedSite(t)
  const lines = await site.ask('/ticks?from=0&to=1')
  assert.match(lines.headers.get('content-type') ?? '', /^application\/x-ndjson/)
  assert.equal(await lines.text(), 'ndjson 1\nndjson 2\n')
  const csv = await site.ask('/ticks?format=csv')
  assert.equal(csv.headers.get('content-disposition'), `attachment; filename="${COLLECTOR_ID}.csv"`)
  assert.equal(await csv.text(), 'csv 1\ncsv 2\n')
})

test('ticks that fail at once are a problem; later the answer breaks off and the failure is reported', async (t) => {
  const site = await startedSite(t)
  site.query.exportTicks = () => failingAfter(0)
  assert.equal((await problemIn(await site.ask('/ticks'))).code, 'STORE_FAILED')
  site.query.exportTicks = () => failingAfter(64)
  const response = await site.ask('/ticks')
  assert.equal(response.status, 200)
  await assert.rejects(response.text())
  assert.equal(site.logged.length, 2)
})

async function* failingAfter(pieces: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < pieces; i++) yield Buffer.alloc(65_536, 'a tick\n')
  throw new ServerError('STORE_FAILED')
}

test('a reader that goes away ends the reading of ticks', { timeout: 20_000 }, async (t) => {
  const site = await startedSite(t)
  const ended = Promise.withResolvers<void>()
  site.query.exportTicks = async function* () {
    try {
      for (;;) yield Buffer.alloc(65_536, 'a tick\n')
    } finally {
      ended.resolve()
    }
  }
  const response = await site.ask('/ticks')
  await response.body?.cancel()
  await ended.promise
})

test('eight queries run at a time; one whose asker went away is never begun', { timeout: 20_000 }, async (t) => {
  const site = await startedSite(t)
  const gate = Promise.withResolvers<void>()
  let begun = 0
  site.query.range = async () => {
    begun++
    await gate.promise
    return Buffer.from('{}')
  }
  const abandoned = new AbortController()
  const answers = Array.from({ length: 10 }, async () => (await site.ask('/query')).status)
  await until(() => site.metrics.queriesWaiting.value === 2)
  const lost = assert.rejects(site.ask('/query', { signal: abandoned.signal }))
  await until(() => site.metrics.queriesWaiting.value === 3)
  abandoned.abort()
  await lost
  await until(() => site.metrics.queriesWaiting.value === 2)
  assert.deepEqual([begun, site.metrics.queriesRunning.value], [8, 8])
  gate.resolve()
  assert.deepEqual(await Promise.all(answers), Array(10).fill(200))
  assert.deepEqual([begun, site.metrics.queriesRunning.value], [10, 0])
  assert.deepEqual(site.logged, [])
})

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

test('gaps are an array, with null where no tick was taken', async (t) => {
  const site = await startedSite(t)
  const gaps = (await (await site.ask('/gaps?from=1000&to=2000')).json()) as Record<string, unknown>[]
  assert.deepEqual(gaps, [
    { run: '00000000002a', lo: 3, hi: 4, fromMs: 1000, toMs: 2000, cause: 'lost' },
    { run: '00000000002a', lo: null, hi: null, fromMs: 1000, toMs: 2000, cause: 'collector stopped' },
  ])
})

test('a task is stored, told and listed', async (t) => {
  const site = await startedSite(t)
  const response = await site.addTask('shutdown')
  assert.equal(response.status, 201)
  const task = { id: 1, kind: 'shutdown', state: 'waiting', createdMs: START_MS, changedMs: START_MS, detail: '' }
  assert.deepEqual(await response.json(), task)
  assert.deepEqual(await (await site.ask('/tasks')).json(), [task])
  assert.deepEqual(site.tasksTold, [1])
})

test('a task is refused unless it is JSON of a known kind from no other site', async (t) => {
  const site = await startedSite(t)
  const refused: readonly [response: Response, status: number, code: string][] = [
    [await site.addTask('format'), 400, 'REQUEST_INVALID'],
    [await site.addTask('shutdown', { 'content-type': 'text/plain' }), 415, 'REQUEST_INVALID'],
    [await site.addTask('shutdown', { 'content-type': 'application/x-www-form-urlencoded' }), 415, 'REQUEST_INVALID'],
    [await site.addTask('shutdown', { origin: 'https://elsewhere.example' }), 403, 'ORIGIN_REFUSED'],
    [await site.addTask('shutdown', { origin: 'null' }), 403, 'ORIGIN_REFUSED'],
    [await site.ask('/tasks', { method: 'POST' }), 400, 'REQUEST_INVALID'],
    [await site.ask('/tasks', { method: 'DELETE' }), 404, 'ROUTE_UNKNOWN'],
    [await site.addTask('x'.repeat(20_000)), 413, 'REQUEST_INVALID'],
  ]
  for (const [response, status, code] of refused) {
    const problem = await problemIn(response)
    assert.deepEqual([problem.status, problem.code], [status, code])
  }
  assert.deepEqual(site.tasks, [])
  assert.equal((await site.addTask('shutdown', { origin: site.url })).status, 201)
})

test('health is alive; ready only while ticks can be committed', async (t) => {
  const site = await startedSite(t)
  assert.deepEqual(await (await fetch(`${site.url}/healthz`)).json(), { status: 'alive' })
  assert.deepEqual(await (await fetch(`${site.url}/readyz`)).json(), { status: 'ready' })
  site.storeProblem = 'STORE_FULL'
  const problem = await problemIn(await fetch(`${site.url}/readyz`))
  assert.deepEqual([problem.status, problem.code], [503, 'STORE_FULL'])
  assert.equal((await fetch(`${site.url}/healthz`)).status, 200)
})

test('metrics tell of the fleet and of the requests themselves', async (t) => {
  const site = await startedSite(t)
  site.metrics.connectionsRejected.add('FRAME_CHECKSUM')
  await (await fetch(`${site.url}/healthz`)).text()
  const response = await fetch(`${site.url}/metrics`)
  const body = await response.text()
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
  assert.match(body, /^godwit_collectors\{state="live"\} 1$/m)
  assert.match(body, /^godwit_connections_rejected_total\{reason="FRAME_CHECKSUM"\} 1$/m)
  assert.match(body, /^godwit_http_requests_total\{status="200"\} 1$/m)
  assert.match(body, /^process_resident_memory_bytes [1-9]\d+$/m)
})

test('the OpenAPI document has every route of the API', async (t) => {
  const site = await startedSite(t)
  const document = (await (await fetch(`${site.url}/api/v1/openapi.json`)).json()) as {
    openapi: string
    paths: Record<string, Record<string, { responses: Record<string, { content?: object }> }>>
  }
  assert.equal(document.openapi, '3.1.0')
  const below = '/api/v1/collectors/{id}'
  const expected = ['/healthz', '/readyz', '/metrics', '/api/v1/live', '/api/v1/collectors', below]
  const ofOne = ['query', 'ticks', 'gaps', 'tasks'].map((name) => `${below}/${name}`)
  assert.deepEqual(Object.keys(document.paths).sort(), [...expected, ...ofOne].sort())
  const { responses } = document.paths[`${below}/tasks`]?.post ?? { responses: {} }
  assert.deepEqual(Object.keys(responses), ['201', '4XX', '5XX'])
  assert.deepEqual(Object.keys(responses['4XX']?.content ?? {}), ['application/problem+json'])
})

test('every answer carries the security headers, errors too', async (t) => {
  const site = await startedSite(t)
  for (const path of ['/healthz', '/nothing', '/api/v1/collectors/x']) {
    const { headers } = await fetch(site.url + path)
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'self'.*frame-ancestors 'none'/)
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
  }
})

test('a large answer is compressed for those who take it', async (t) => {
  const site = await startedSite(t)
  const large = JSON.stringify({ values: Array(4000).fill(12.5) })
  site.query.range = async () => Buffer.from(large)
  for (const encoding of ['br', 'gzip']) {
    const response = await site.ask('/query', { headers: { 'accept-encoding': encoding } })
    assert.equal(response.headers.get('content-encoding'), encoding)
    assert.equal(await response.text(), large)
    const stream = await site.ask('/ticks', { headers: { 'accept-encoding': encoding } })
    assert.equal(stream.headers.get('content-encoding'), encoding)
    assert.equal(await stream.text(), 'ndjson 1\nndjson 2\n')
  }
  for (const encoding of ['identity', 'gzip;q=0']) {
    const response = await site.ask('/query', { headers: { 'accept-encoding': encoding } })
    assert.equal(response.headers.get('content-encoding'), null)
    assert.equal(response.headers.get('vary'), 'accept-encoding')
    assert.equal(await response.text(), large)
  }
})

test('bytes that never become a request are answered with a problem and the connection ends', async (t) => {
  const site = await startedSite(t)
  const cases: readonly [bytes: string, head: RegExp][] = [
    ['\x04\xd2 not http\r\n\r\n', /^HTTP\/1\.1 400 Bad Request\r\n/],
    [`GET /${'x'.repeat(70_000)} HTTP/1.1\r\nhost: a\r\n\r\n`, /^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/],
  ]
  for (const [bytes, head] of cases) {
    const socket = connect(Number(new URL(site.url).port), '127.0.0.1')
    socket.end(bytes)
    const answer = await text(socket)
    assert.match(answer, head)
    assert.match(answer, /"code":"REQUEST_INVALID"/)
  }
})

test('an address that is taken is named with a hint', async (t) => {
  const site = await startedSite(t)
  const other = new TestSite()
  const second = await createHttpServer(other.context(undefined))
  t.after(() => second.close())
  const port = Number(new URL(site.url).port)
  await assert.rejects(second.listen({ host: '127.0.0.1', port }), { code: 'LISTEN_FAILED', path: `127.0.0.1:${port}` })
})
