import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { crc32 } from 'node:zlib'
import { BINCODE_OF_HOST, JSON_OF_HOST } from './fixtures/version1-frames.ts'
import { type CollectorProcess, type ServerProcess, startCollector, startServer } from './godwit.ts'
import { RecordingProxy } from './recording-proxy.ts'
import { assertUnbroken, storedTicks } from './stored-ticks.ts'
import { TemporaryDirectory } from './temporary-directory.ts'
import { until } from './until.ts'

const MIB = 2 ** 20
const INTERVAL_MS = 200
const SIDE_BY_SIDE = 8
const FLOOD_CONNECTIONS = 100
/** Of RejectionLog. */
const LINES_PER_MINUTE = 20
const FLOOD_BYTES = 2 * MIB
const MAX_GROWTH_BYTES = 60 * MIB

/** What begins a connection that is closed for it, and the code that names why. */
const BAD_BEGINNINGS: readonly { readonly bytes: Buffer; readonly code: string }[] = [
  { bytes: Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), code: 'FRAME_MAGIC' },
  { bytes: Buffer.from('04d200030000000000000001', 'hex'), code: 'FRAME_VERSION' },
  { bytes: Buffer.from('04d2000200000000ffffffff', 'hex'), code: 'FRAME_TOO_LARGE' },
  { bytes: Buffer.from('04d200010000000000010001', 'hex'), code: 'FRAME_TOO_LARGE' },
  { bytes: flippedAt(BINCODE_OF_HOST.bytes, 20), code: 'FRAME_CHECKSUM' },
  { bytes: frame(1, Buffer.from('{"SubmitData":{"collector_id":-1}}')), code: 'MESSAGE_MALFORMED' },
  { bytes: frame(1, Buffer.of(9, 0, 0, 0)), code: 'MESSAGE_UNKNOWN' },
  { bytes: frame(2, Buffer.from('01a16472756e739affffffff', 'hex')), code: 'MESSAGE_MALFORMED' },
]

const dir = new TemporaryDirectory()
const opened = new AsyncDisposableStack()
let server: ServerProcess
let proxy: RecordingProxy
let collector: CollectorProcess
before(async () => {
  opened.use(dir)
  server = opened.use(await startServer(dir.at('data')))
  proxy = opened.use(await RecordingProxy.listen(server.wirePort))
  const settings = { wirePort: proxy.port, stateDir: dir.at('state'), intervalMs: INTERVAL_MS, flushMs: 500 }
  collector = opened.use(await startCollector({ ...settings, backoffCapMs: 300 }))
  await until('the first ticks', async () => (await storedTicks(server.http, collector.id)).length > 0)
})
after(() => opened.disposeAsync())

test('200 MB of garbage on the wire port are read, dropped, logged within bounds, and counted', async () => {
  const garbage = randomBytes(FLOOD_BYTES)
  const floods = Array.from({ length: FLOOD_CONNECTIONS }, (_, i) => beginningOf(i))
  // As much before brings buffers and heap to their working size.
  await flood(floods, garbage)
  const counted = await rejections()
  const beforeBytes = residentBytes()
  const mostBytes = await flood(floods, garbage)
  const now = await rejections()
  for (const code of new Set(BAD_BEGINNINGS.map((one) => one.code))) {
    const expected = floods.filter((one) => one.code === code).length
    assert.equal((now.get(code) ?? 0) - (counted.get(code) ?? 0), expected, code)
    // One line each, up to twenty a minute for an address and code; the rest is told as a number when the minute is over.
    const logged = closedLines().filter((line) => line.includes(` ${code}: `)).length
    assert.equal(logged, Math.min(LINES_PER_MINUTE, 2 * expected), code)
  }
  const grownMib = (mostBytes - beforeBytes) / MIB
  assert.ok(grownMib < MAX_GROWTH_BYTES / MIB, `grew by ${grownMib.toFixed(0)} MiB`)
  await assertCollectorGoesOn()
})

test('frames that end early, and peers that reset, are no news', async () => {
  const logged = closedLines().length
  const cuts = Array.from({ length: BINCODE_OF_HOST.bytes.length - 1 }, (_, i) => i + 1)
  await Promise.all(cuts.map((cut) => sendAndClose(server.wirePort, [BINCODE_OF_HOST.bytes.subarray(0, cut)])))
  await Promise.all(cuts.map((cut) => sendAndReset(server.wirePort, BINCODE_OF_HOST.bytes.subarray(0, cut))))
  await assertCollectorGoesOn()
  assert.equal(closedLines().length, logged)
})

test('what the collector sent, sent again by somebody else whole or cut, changes nothing', async () => {
  const recording = Buffer.concat(proxy.recordings[0] ?? [])
  const before = await storedTicks(server.http, collector.id)
  assert.ok(before.length > 0)
  for (const part of [1, 0.99, 0.5, 0.1]) {
    await sendAndClose(server.wirePort, [recording.subarray(0, Math.floor(recording.length * part))])
  }
  await assertCollectorGoesOn()
  const now = await storedTicks(server.http, collector.id)
  assert.deepEqual(now.slice(0, before.length), before)
})

test('a version 1 sample that is sent a thousand times is one', async () => {
  const resent = Array<Buffer>(1000).fill(JSON_OF_HOST.bytes)
  await sendAndClose(server.wirePort, [Buffer.concat(resent)])
  const ticks = await until('the sample', async () => {
    const stored = await storedTicks(server.http, JSON_OF_HOST.collectorId)
    return stored.length > 0 && stored
  })
  assert.equal(ticks.length, 1)
})

test('garbage on the HTTP port is refused, and its other users notice nothing', async () => {
  const port = Number(new URL(server.http).port)
  const logged = server.process.stderr
  const beforeBytes = residentBytes()
  const head = `Host: 127.0.0.1:${port}\r\nConnection: close\r\n`
  const tasks = `POST /api/v1/collectors/${collector.id}/tasks HTTP/1.1\r\n${head}Content-Type: application/json\r\n`
  // None is longer than a few buffers: an answer may get lost when its server closes before it has read all.
  const answers = [
    { of: randomBytes(1000), status: 400 },
    { of: BINCODE_OF_HOST.bytes, status: 400 },
    { of: Buffer.from(`GET /${'a'.repeat(70_000)} HTTP/1.1\r\n${head}\r\n`), status: 431 },
    { of: Buffer.from(`${tasks}Content-Length: ${FLOOD_BYTES}\r\n\r\n`), status: 413 },
    { of: Buffer.from(`${tasks}Content-Length: 4\r\n\r\n{"a"`), status: 400 },
    { of: Buffer.from(`GET /../../../etc/passwd HTTP/1.1\r\n${head}\r\n`), status: 404 },
    { of: Buffer.from(`GET /%2e%2e/%2e%2e/godwit.js HTTP/1.1\r\n${head}\r\n`), status: 404 },
    { of: Buffer.from('GET / HTTP/1.1\r\nHost: elsewhere.example\r\nConnection: close\r\n\r\n'), status: 421 },
  ]
  for (const { of, status } of answers)
    assert.match(await sendAndClose(port, [of]), new RegExp(`^HTTP/1\\.1 ${status} `))
  for (let i = 0; i < 25; i++) await sendAndClose(port, [randomBytes(FLOOD_BYTES)])
  assert.equal((await fetch(`${server.http}/readyz`)).status, 200)
  assert.ok(residentBytes() - beforeBytes < MAX_GROWTH_BYTES)
  assert.equal(server.process.stderr, logged)
  await assertCollectorGoesOn()
})

/** That each tick of the good collector so far, and one that was taken from now on, is stored once. */
async function assertCollectorGoesOn(): Promise<void> {
  const nowMs = Date.now()
  const ticks = await until('a tick of the good collector', async () => {
    const stored = await storedTicks(server.http, collector.id)
    return (stored.at(-1)?.wallMs ?? 0) > nowMs && stored
  })
  assertUnbroken(ticks, INTERVAL_MS)
}

/** A connection for each beginning, some at a time, with `garbage` behind it. Returns the most memory that the server had meanwhile. */
async function flood(beginnings: readonly { readonly bytes: Buffer }[], garbage: Buffer): Promise<number> {
  let mostBytes = 0
  for (let i = 0; i < beginnings.length; i += SIDE_BY_SIDE) {
    const some = beginnings.slice(i, i + SIDE_BY_SIDE)
    await Promise.all(some.map(({ bytes }) => sendAndClose(server.wirePort, [bytes, garbage])))
    mostBytes = Math.max(mostBytes, residentBytes())
  }
  return mostBytes
}

/** Sends all, says that there is no more, and returns what came back when the other side has closed. */
function sendAndClose(port: number, pieces: readonly Uint8Array[]): Promise<string> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
    })
    // A server may refuse the rest before it has read it.
    socket.on('error', () => {})
    socket.on('end', () => socket.end())
    socket.on('close', () => resolve(answer))
    for (const piece of pieces) socket.write(piece)
    socket.end()
  })
}

function sendAndReset(port: number, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.on('error', () => {})
    socket.on('close', () => resolve())
    socket.write(bytes, () => socket.resetAndDestroy())
  })
}

function closedLines(): string[] {
  return server.process.stderr.split('\n').filter((line) => / warn wire closed 127\.0\.0\.1:\d+: [A-Z_]+: /.test(line))
}

async function rejections(): Promise<Map<string, number>> {
  const text = await (await fetch(`${server.http}/metrics`)).text()
  const lines = text.matchAll(/^godwit_connections_rejected_total\{reason="([A-Z_]+)"\} (\d+)$/gm)
  return new Map(Array.from(lines, ([, code = '', count]) => [code, Number(count)]))
}

function residentBytes(): number {
  const status = readFileSync(`/proc/${server.process.pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
}

function beginningOf(i: number): (typeof BAD_BEGINNINGS)[number] {
  return BAD_BEGINNINGS[i % BAD_BEGINNINGS.length] as (typeof BAD_BEGINNINGS)[number]
}

function frame(version: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(12)
  head.writeUInt16BE(1234, 0)
  head.writeUInt16BE(version, 2)
  head.writeUInt32BE(payload.length, 8)
  const tail = Buffer.alloc(4)
  tail.writeUInt32BE(crc32(payload))
  return Buffer.concat([head, payload, tail])
}

function flippedAt(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = (copy[at] as number) ^ 1
  return copy
}
