import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { COLLECTOR_ID, TestSite } from './test-site.ts'

const INDEX = '<!doctype html><title>Godwit</title>'
const SCRIPT = `console.log(${JSON.stringify('x'.repeat(10_000))})\n`

async function started(t: TestContext): Promise<TestSite> {
  const webRoot = await mkdtemp(join(tmpdir(), 'godwit-page-'))
  t.after(() => rm(webRoot, { recursive: true }))
  await writeFile(join(webRoot, 'index.html'), INDEX)
  await writeFile(join(webRoot, 'main.js'), SCRIPT)
  await writeFile(join(webRoot, 'inter-ABCD2345.woff2'), 'font')
  await writeFile(join(webRoot, '.hidden'), 'secret')
  const site = new TestSite()
  await site.start(t, { webRoot })
  return site
}

test('the page is served at its own addresses, always fresh', async (t) => {
  const site = await started(t)
  for (const path of ['/', '/collectors/', `/collectors/${COLLECTOR_ID}`, '/index.html']) {
    const response = await fetch(site.url + path)
    assert.equal(await response.text(), INDEX, path)
    assert.match(response.headers.get('content-type') ?? '', /^text\/html/)
    assert.equal(response.headers.get('cache-control'), 'no-cache')
    assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'self'/)
  }
})

test('a script comes compressed, and is not sent again while it is the same', async (t) => {
  const site = await started(t)
  const response = await fetch(`${site.url}/main.js`, { headers: { 'accept-encoding': 'gzip, br' } })
  assert.match(response.headers.get('content-type') ?? '', /javascript/)
  assert.equal(response.headers.get('content-encoding'), 'br')
  assert.equal(await response.text(), SCRIPT)
  const etag = response.headers.get('etag') ?? ''
  assert.deepEqual(await rawGet(site.url, '/main.js', { 'if-none-match': etag }), { status: 304, body: '' })
  const head = await fetch(`${site.url}/main.js`, { method: 'HEAD' })
  assert.deepEqual([head.status, await head.text()], [200, ''])
})

test('a file that is named by its content may be kept for ever', async (t) => {
  const site = await started(t)
  const response = await fetch(`${site.url}/inter-ABCD2345.woff2`)
  assert.equal(response.headers.get('cache-control'), 'public, max-age=31536000, immutable')
})

test('what is not part of the page is not served', async (t) => {
  const site = await started(t)
  for (const path of [
    '/.hidden',
    '/nothing.js',
    '/../package.json',
    '/%2e%2e/package.json',
    '/collectors/..%2f..%2fetc/passwd',
  ]) {
    const { body } = await rawGet(site.url, path)
    assert.ok(body === INDEX || body.includes('"ROUTE_UNKNOWN"'), `${path}: ${body}`)
  }
})

interface RawAnswer {
  readonly status: number | undefined
  readonly body: string
}

/** Unlike fetch, sends path and headers as they are. */
async function rawGet(url: string, path: string, headers: Record<string, string> = {}): Promise<RawAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const { hostname, port } = new URL(url)
  request({ hostname, port, path, headers }, resolve).on('error', reject).end()
  const response = await promise
  return { status: response.statusCode, body: await text(response) }
}
