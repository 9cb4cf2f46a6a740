import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { TestSite, until } from './test-site.ts'

const PATH = '/query?points=1'

test('a reader that takes nothing of its answer for 30 s is disconnected, and its answer is let go', {
  timeout: 20_000,
}, async (t) => {
  const site = new TestSite()
  site.query.range = async () => Buffer.alloc(64 * 1024 * 1024, ' ')
  await site.start(t)
  const { port, pathname } = new URL(`${site.url}${site.pathOf(PATH)}`)
  const socket = connect(Number(port), '127.0.0.1')
  let isClosed = false
  socket.on('close', () => {
    isClosed = true
  })
  socket.on('error', () => {})
  socket.pause()
  socket.write(`GET ${pathname}?points=1 HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`)
  const { httpUnsentBytes, httpStalled } = site.metrics
  await until(() => httpUnsentBytes.value > 0)
  // What the kernel takes by itself is taken.
  for (let i = 0; i < 2000; i++) await new Promise((resolve) => setImmediate(resolve))
  for (let i = 0; i < 8 && httpStalled.value === 0; i++) site.clock.advance(5000)
  await until(() => httpUnsentBytes.value === 0)
  assert.equal(httpStalled.value, 1)
  socket.resume()
  await until(() => isClosed)
})

test('a reader that goes on taking gets all of a large answer', { timeout: 20_000 }, async (t) => {
  const site = new TestSite()
  const large = Buffer.alloc(8 * 1024 * 1024, 'x')
  site.query.range = async () => Buffer.from(large)
  await site.start(t)
  const response = await site.ask(PATH, { headers: { 'accept-encoding': 'identity' } })
  assert.equal(response.headers.get('content-length'), String(large.length))
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    site.clock.advance(20)
  }
  assert.equal(length, large.length)
  await until(() => site.metrics.httpUnsentBytes.value === 0)
  assert.equal(site.metrics.httpStalled.value, 0)
})

test('while 128 MiB of answers are not taken, new queries are told to come back', async (t) => {
  const site = new TestSite()
  await site.start(t)
  site.metrics.httpUnsentBytes.value = 128 * 1024 * 1024
  for (const path of [PATH, '/gaps', '']) {
    const response = await site.ask(path)
    assert.equal(response.status, 503, path)
    assert.ok(Number(response.headers.get('retry-after')) > 0)
  }
  assert.equal((await fetch(`${site.url}/healthz`)).status, 200)
  site.metrics.httpUnsentBytes.value = 0
  assert.equal((await site.ask(PATH)).status, 200)
})
