import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { GodwitError, type GodwitErrorCode } from '../errors.ts'
import { HttpSource } from './http-source.ts'
import { matchCollector } from './match-collector.ts'
import { writeTicks } from './write-ticks.ts'

const FLEET = [
  { id: '0192e4a1-7c55-7d1c-9d0e-3f5a6b7c8d9e', name: 'web-1' },
  { id: '0192e4a1-0000-7d1c-9d0e-3f5a6b7c8d9e', name: 'web-2' },
  { id: 'ffffffff-0000-4000-8000-000000000000', name: 'twin' },
  { id: 'eeeeeeee-0000-4000-8000-000000000000', name: 'twin' },
]
const NEVER = new AbortController().signal

function has(code: GodwitErrorCode, words: RegExp): (error: unknown) => boolean {
  return (error) =>
    error instanceof GodwitError && error.code === code && words.test(`${error.message} / ${error.hint ?? ''}`)
}

async function withServer(answer: Parameters<typeof createServer>[1], run: (url: URL) => Promise<void>): Promise<void> {
  const server: Server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    await run(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

test('a collector is found by its id in any case, its name, or how its id begins', () => {
  assert.equal(matchCollector('0192E4A1-7C55-7D1C-9D0E-3F5A6B7C8D9E', FLEET).name, 'web-1')
  assert.equal(matchCollector('web-2', FLEET).name, 'web-2')
  assert.equal(matchCollector('0192e4a1-7', FLEET).name, 'web-1')
})

test('what may be more than one collector is refused with their ids', () => {
  assert.throws(() => matchCollector('0192e4a1', FLEET), has('COLLECTOR_AMBIGUOUS', /any of 2.*\(web-1\).*\(web-2\)/))
  assert.throws(() => matchCollector('twin', FLEET), has('COLLECTOR_AMBIGUOUS', /ffffffff.*eeeeeeee/))
})

test('a collector that is not there is refused with the nearest name', () => {
  assert.throws(() => matchCollector('wbe-1', FLEET), has('COLLECTOR_NOT_FOUND', /did you mean web-1\?/))
  assert.throws(
    () => matchCollector('fff', FLEET),
    has('COLLECTOR_NOT_FOUND', /the beginning of an id needs at least 4 characters/),
  )
  assert.throws(() => matchCollector('zzz', FLEET), has('COLLECTOR_NOT_FOUND', /there are web-1, web-2/))
  assert.throws(() => matchCollector('x', []), has('COLLECTOR_NOT_FOUND', /none yet/))
})

test('ticks come from a server as it sends them, range and format in the query', async () => {
  const asked: (string | undefined)[] = []
  await withServer(
    ({ url }, response) => {
      asked.push(url)
      response.end(url?.endsWith('collectors') ? JSON.stringify(FLEET) : 'a\nb\n')
    },
    async (url) => {
      const source = new HttpSource(new URL('/collectors/x?range=1h', url), NEVER)
      assert.deepEqual(await source.collectors(), FLEET)
      const pieces = await Array.fromAsync(source.ticks({ collectorId: 'x', fromMs: 1, toMs: 2, format: 'csv' }))
      assert.equal(Buffer.concat(pieces).toString(), 'a\nb\n')
    },
  )
  assert.deepEqual(asked, ['/api/v1/collectors', '/api/v1/collectors/x/ticks?from=1&to=2&format=csv'])
})

test('the problem that a server names is what people read', async () => {
  await withServer(
    (_, response) => void response.writeHead(400).end('{"title":"Bad Request","detail":"from is after to"}'),
    async (url) => {
      await assert.rejects(new HttpSource(url, NEVER).collectors(), has('SERVER_REFUSED', /400: from is after to/))
    },
  )
})

test('what answers with something else than JSON is named as no server of ours', async () => {
  for (const [status, body, words] of [
    [200, '<!doctype html>', /what answers at http:\/\/127\.0\.0\.1:\d+ is not a Godwit server \/ `--url` is/],
    [200, '{"hello":"world"}', /is not a Godwit server \//],
    [404, 'no such page', /is not a Godwit server \(404 Not Found\)/],
  ] as const) {
    await withServer(
      (_, response) => void response.writeHead(status).end(body),
      (url) => assert.rejects(new HttpSource(url, NEVER).collectors(), has('SERVER_FOREIGN', words)),
    )
  }
})

test('a server that goes away in the middle of its ticks is named', async () => {
  await withServer(
    (_, response) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('a\n', () => response.destroy())
    },
    async (url) => {
      const request = { collectorId: 'x', fromMs: 1, toMs: 2, format: 'csv' } as const
      await assert.rejects(
        Array.fromAsync(new HttpSource(url, NEVER).ticks(request)),
        has('SERVER_UNREACHABLE', /no server/),
      )
    },
  )
})

test('a server that is not there is named with its address and why', async () => {
  let closed = new URL('http://127.0.0.1')
  await withServer(undefined, (url) => {
    closed = url
    return Promise.resolve()
  })
  await assert.rejects(
    new HttpSource(closed, NEVER).collectors(),
    has('SERVER_UNREACHABLE', /127\.0\.0\.1:\d+.*ECONNREFUSED/),
  )
})

async function* pieces(count: number, gave: () => void): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < count; at++) {
    gave()
    yield await Promise.resolve(Buffer.from('tick\ntick\n'))
  }
}

test('writing waits for a slow reader, and counts lines', async () => {
  let given = 0
  let taken = 0
  const out = new Writable({
    highWaterMark: 1,
    write: (_chunk, _encoding, done) => {
      taken++
      assert.ok(given - taken <= 1)
      setImmediate(done)
    },
  })
  const counts: number[] = []
  await writeTicks(
    pieces(4, () => void given++),
    out,
    NEVER,
    (lines) => counts.push(lines),
  )
  assert.deepEqual(counts, [2, 4, 6, 8])
})

test('a reader that has gone, or a stop, ends the writing without an error', async () => {
  const out = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) })
  out.on('error', () => {})
  let given = 0
  await writeTicks(
    pieces(1000, () => void given++),
    out,
    NEVER,
    () => {},
  )
  assert.ok(given < 1000)
  const stopped = AbortSignal.abort()
  await writeTicks(
    pieces(3, () => {}),
    new Writable({ write: () => assert.fail('wrote') }),
    stopped,
    () => {},
  )
})
