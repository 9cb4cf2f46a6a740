import assert from 'node:assert/strict'
import { request } from 'node:http'
import { type TestContext, test } from 'node:test'
import { parseCollectorId } from '@godwit/protocol'
import { COLLECTOR_ID, SCHEMA, START_MS, TestSite, until } from './test-site.ts'

const BATCH = {
  collectorNo: 1,
  run: 42,
  seq: 7,
  count: 2,
  firstMs: START_MS,
  lastMs: START_MS + 1000,
  // A key tick's head, which names the schema, and another tick.
  ticks: Buffer.concat([Uint8Array.of(9, 0x80), Uint8Array.fromHex(SCHEMA.id), Uint8Array.of(2, 0x01, 0xcc)]),
}

async function started(t: TestContext): Promise<TestSite> {
  const site = new TestSite()
  await site.start(t)
  return site
}

test('a browser that subscribes gets state, schema and ticks as they were committed', {
  timeout: 20_000,
}, async (t) => {
  const site = await started(t)
  site.tail.push(BATCH)
  const page = new Page(site.url)
  await page.opened
  page.socket.send(JSON.stringify({ subscribe: [COLLECTOR_ID] }))
  await page.until(3)
  site.live.publish({ ...BATCH, seq: 9 })
  await page.until(4)
  const [state, schema, tail, live] = page.messages
  assert.equal(JSON.parse(state as string).state.collector, COLLECTOR_ID)
  assert.deepEqual(JSON.parse(schema as string), {
    schema: { collector: COLLECTOR_ID, id: SCHEMA.id, series: SCHEMA.series },
  })
  const expected = (seq: number): Buffer =>
    Buffer.concat([parseCollectorId(COLLECTOR_ID), Uint8Array.of(0, 0, 0, 0, 0, 42, seq, 2), BATCH.ticks])
  assert.deepEqual([tail, live], [expected(7), expected(9)])
  assert.equal(site.metrics.liveTicksSent.value, 4)
  page.socket.close()
  await page.closed
})

test('closing the browser ends its subscriptions', { timeout: 20_000 }, async (t) => {
  const site = await started(t)
  const unwatched = Promise.withResolvers<void>()
  site.live.onWatchedChange((_no, watched) => {
    if (!watched) unwatched.resolve()
  })
  const page = new Page(site.url)
  await page.opened
  page.socket.send(JSON.stringify({ subscribe: [COLLECTOR_ID] }))
  await page.until(1)
  page.socket.close()
  await until(() => site.metrics.liveSubscribers.value === 0)
  site.clock.advance(2000)
  await unwatched.promise
  assert.equal(site.live.isWatched(1), false)
})

test('what is no subscription closes the connection with a reason: malformed, binary, too large', {
  timeout: 20_000,
}, async (t) => {
  const site = await started(t)
  const cases: readonly [message: string | Uint8Array<ArrayBuffer>, code: number, reason: RegExp][] = [
    ['{"subscribe":', 1008, /^expected \{"subscribe"/],
    [Uint8Array.of(1, 2, 3), 1003, /^expected text$/],
    ['x'.repeat(65_537), 1009, /^/],
  ]
  for (const [message, code, reason] of cases) {
    const page = new Page(site.url)
    await page.opened
    page.socket.send(message)
    const event = await page.closed
    assert.equal(event.code, code)
    assert.match(event.reason, reason)
  }
})

test('a page of another site cannot open the live stream', async (t) => {
  const site = await started(t)
  assert.equal(await upgradeStatus(site.url, 'http://evil.example'), 403)
  assert.equal(await upgradeStatus(site.url, site.url), 101)
})

test('asking without an upgrade is answered with 426', async (t) => {
  const site = await started(t)
  const response = await fetch(`${site.url}/api/v1/live`)
  assert.deepEqual([response.status, response.headers.get('upgrade')], [426, 'websocket'])
  assert.equal(((await response.json()) as { code: string }).code, 'UPGRADE_REQUIRED')
})

test('other routes refuse to become a WebSocket', { timeout: 20_000 }, async (t) => {
  const site = await started(t)
  const page = new Page(site.url, '/healthz')
  await page.closed
  assert.deepEqual(page.messages, [])
})

async function upgradeStatus(url: string, origin: string): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
  const headers = {
    connection: 'upgrade',
    upgrade: 'websocket',
    origin,
    'sec-websocket-version': '13',
    'sec-websocket-key': Buffer.alloc(16).toString('base64'),
  }
  const asked = request(`${url}/api/v1/live`, { headers })
  asked.on('response', (response) => resolve(response.statusCode))
  asked.on('upgrade', (response, socket) => {
    socket.destroy()
    resolve(response.statusCode)
  })
  asked.on('error', reject)
  asked.end()
  return promise
}

/** The page's end of the live stream. */
class Page {
  readonly socket: WebSocket
  readonly opened: Promise<unknown>
  readonly closed: Promise<CloseEvent>
  readonly messages: (string | Buffer)[] = []
  #arrived: PromiseWithResolvers<void> = Promise.withResolvers()

  constructor(url: string, path = '/api/v1/live') {
    this.socket = new WebSocket(`${url.replace('http', 'ws')}${path}`)
    this.socket.binaryType = 'arraybuffer'
    this.opened = new Promise((resolve) => this.socket.addEventListener('open', resolve))
    this.closed = new Promise((resolve) => this.socket.addEventListener('close', resolve))
    this.socket.addEventListener('message', ({ data }: MessageEvent) => {
      this.messages.push(typeof data === 'string' ? data : Buffer.from(data as ArrayBuffer))
      this.#arrived.resolve()
    })
  }

  async until(messages: number): Promise<void> {
    while (this.messages.length < messages) {
      this.#arrived = Promise.withResolvers()
      await this.#arrived.promise
    }
  }
}
