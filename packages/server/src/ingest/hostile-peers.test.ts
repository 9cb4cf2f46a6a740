import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { test } from 'node:test'
import { crc32 } from 'node:zlib'
import { encodeFrame } from '@godwit/protocol'
import { batchMessage, frameOf, helloOf, TestPeer, turn, until } from '../listener/test-peer.ts'
import { TestServer } from './test-server.ts'

function v1(text: string): Uint8Array {
  return encodeFrame(1, 1, new TextEncoder().encode(text), crc32)
}

function v2(hex: string): Uint8Array {
  return encodeFrame(2, 1, Uint8Array.fromHex(hex), crc32)
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice()
  copy[at] = (copy[at] as number) ^ 1
  return copy
}

function nested(depth: number): string {
  return `{"SubmitData":${'['.repeat(depth)}${']'.repeat(depth)}}`
}

const SAMPLE = '{"SubmitData":{"collector_id":5,"total_memory":1,"used_memory":1,"average_cpu_usage":1}}'
const HELLO = frameOf(helloOf(3))

const HOSTILE: readonly { what: string; bytes: Uint8Array; code: string }[] = [
  { what: 'garbage', bytes: Uint8Array.of(0xff, 0, 1, 2), code: 'FRAME_MAGIC' },
  { what: 'half a magic number, then garbage', bytes: Uint8Array.of(0x04, 0xff), code: 'FRAME_MAGIC' },
  { what: 'an HTTP request', bytes: Buffer.from('GET / HTTP/1.1\r\n\r\n'), code: 'FRAME_MAGIC' },
  {
    what: 'a TLS ClientHello',
    bytes: Uint8Array.fromHex(`160301020001000${'1fc0303'.repeat(70)}0`),
    code: 'TLS_UNSUPPORTED',
  },
  { what: 'an unknown version', bytes: Uint8Array.fromHex('04d200030000000000000001'), code: 'FRAME_VERSION' },
  { what: 'a length of 4 GiB', bytes: Uint8Array.fromHex('04d2000200000000ffffffff'), code: 'FRAME_TOO_LARGE' },
  {
    what: 'a version 1 length over its limit',
    bytes: Uint8Array.fromHex('04d200010000000000010001'),
    code: 'FRAME_TOO_LARGE',
  },
  { what: 'a wrong checksum', bytes: flipped(HELLO, HELLO.length - 1), code: 'FRAME_CHECKSUM' },
  { what: 'a flipped payload bit', bytes: flipped(HELLO, 20), code: 'FRAME_CHECKSUM' },
  { what: 'a frame of version 2 after version 1', bytes: Buffer.concat([v1(SAMPLE), HELLO]), code: 'FRAME_VERSION' },
  { what: 'a frame of version 1 after version 2', bytes: Buffer.concat([HELLO, v1(SAMPLE)]), code: 'FRAME_VERSION' },
  { what: 'an empty version 1 payload', bytes: v1(''), code: 'MESSAGE_UNKNOWN' },
  {
    what: 'an unknown bincode variant',
    bytes: encodeFrame(1, 1, Uint8Array.of(9, 0, 0, 0), crc32),
    code: 'MESSAGE_UNKNOWN',
  },
  { what: 'JSON nested deep', bytes: v1(nested(8000)), code: 'MESSAGE_MALFORMED' },
  { what: 'JSON of 60 kB', bytes: v1(nested(30_000)), code: 'MESSAGE_MALFORMED' },
  { what: 'JSON that ends early', bytes: v1('{"SubmitData":{'), code: 'MESSAGE_MALFORMED' },
  { what: 'an id over 128 bits', bytes: v1(SAMPLE.replace('5', (2n ** 128n).toString())), code: 'MESSAGE_MALFORMED' },
  { what: 'an empty version 2 payload', bytes: v2(''), code: 'MESSAGE_UNKNOWN' },
  { what: 'a Hello that is a number', bytes: v2('0101'), code: 'MESSAGE_MALFORMED' },
  { what: 'a Hello that is nested deep', bytes: v2(`01${'81'.repeat(100_000)}01`), code: 'MESSAGE_MALFORMED' },
  { what: 'a Hello with a forged list length', bytes: v2('01a16472756e739affffffff'), code: 'MESSAGE_MALFORMED' },
  { what: 'a Hello with a bignum', bytes: v2(`01a16161c25a00010000${'ff'.repeat(65_536)}`), code: 'MESSAGE_MALFORMED' },
]

test('each hostile peer is closed in order, logged once with its address, and counted by its code', async () => {
  await using server = await TestServer.start()
  for (const { what, bytes, code } of HOSTILE) {
    using peer = new TestPeer(server.port, { version: 1 })
    await once(peer.socket, 'connect')
    const address = `127.0.0.1:${peer.socket.localPort}`
    const before = server.logged.length
    peer.socket.write(bytes)
    await until(() => peer.ending !== undefined && server.open === 0)
    assert.equal(peer.ending, 'end', what)
    assert.equal(server.rejected.at(-1), code, what)
    const lines = server.logged.slice(before)
    assert.equal(lines.length, 1, `${what}: ${lines.join('; ')}`)
    const line = lines[0] as string
    assert.ok(line.startsWith(`warn closed ${address}: ${code}: `), line)
    assert.match(line, /^[ -~]+$/)
    // Another of the same code is told at once only after a minute.
    server.clock.advance(65_000)
  }
  assert.equal(server.rejected.length, HOSTILE.length)
})

test('peers that say nothing, or stop in mid-frame, are sent away after a while; who has said Hello may be quiet', async () => {
  await using server = await TestServer.start()
  using silent = new TestPeer(server.port)
  using half = new TestPeer(server.port)
  using quiet = new TestPeer(server.port)
  half.socket.write(HELLO.subarray(0, -1))
  quiet.send(helloOf(1))
  await until(() => server.open === 3 && quiet.of('welcome').length === 1)
  server.clock.advance(14_000)
  assert.equal(server.open, 3)
  server.clock.advance(7000)
  await until(() => silent.ending === 'end' && half.ending === 'end' && server.open === 1)
  assert.equal(quiet.ending, undefined)
  server.clock.advance(4 * 60_000)
  for (let i = 0; i < 20; i++) await turn()
  assert.deepEqual([server.open, quiet.ending], [1, undefined])
  server.clock.advance(2 * 60_000)
  await until(() => server.open === 0)
})

test('a peer that does not answer our goodbye is destroyed, whether or not it had said who it is', async () => {
  await using server = await TestServer.start()
  using stubborn = new TestPeer(server.port, { allowHalfOpen: true })
  using known = new TestPeer(server.port, { allowHalfOpen: true })
  stubborn.socket.write('garbage')
  known.send(helloOf(1), { type: 'bye', reason: '' })
  await until(() => stubborn.ending === 'end' && known.ending === 'end')
  assert.equal(server.open, 2)
  server.clock.advance(26_000)
  await until(() => server.open === 0)
})

test('an address that is not served is closed at once, logged, and keeps no place', async () => {
  await using server = await TestServer.start()
  using peer = new TestPeer(server.port, { localAddress: '127.9.9.9', allowHalfOpen: true })
  peer.send(helloOf(1))
  await until(() => peer.ending === 'end')
  assert.deepEqual(server.rejected, ['PEER_NOT_ALLOWED'])
  assert.match(server.logged[0] ?? '', /127\.9\.9\.9/)
  let isGone = false
  peer.socket.on('close', () => {
    isGone = true
  })
  peer.socket.on('error', () => {})
  server.clock.advance(2000)
  // Its kernel says that nobody is there as soon as it writes.
  while (!isGone) {
    peer.socket.write('x')
    await until(() => isGone || peer.socket.writableLength === 0)
  }
  assert.equal(server.fleet.size, 0)
})

test('200 connections of garbage disturb neither a good collector nor the memory', { timeout: 30_000 }, async () => {
  await using server = await TestServer.start()
  using good = new TestPeer(server.port)
  good.send(helloOf(1))
  await until(() => good.of('welcome').length === 1)
  const garbage = randomBytes(256 * 1024)
  garbage[0] = 0xee
  const before = process.memoryUsage()
  let gone = 0
  for (let i = 0; i < 200; i++) {
    const bad = new TestPeer(server.port, { version: 1, allowHalfOpen: true })
    bad.socket.on('close', () => gone++)
    bad.socket.end(garbage)
    good.send(batchMessage(i * 2, i * 2 + 1))
    if (i % 50 === 49) await until(() => gone === i + 1)
  }
  const acked = (): number =>
    good
      .of('ack')
      .flatMap(({ ranges }) => ranges)
      .reduce((sum, { count }) => sum + count, 0)
  await until(() => gone === 200 && server.open === 1 && acked() === 400)
  assert.deepEqual(new Set(server.rejected), new Set(['FRAME_MAGIC']))
  assert.equal(server.rejected.length, 200)
  assert.equal(server.logged.length, 20)
  server.clock.advance(60_000)
  assert.match(server.logged.at(-1) ?? '', /closed 180 more of 127.0.0.1: FRAME_MAGIC$/)
  assert.equal(good.ending, undefined)
  const after = process.memoryUsage()
  const grownMiB = (after.heapUsed + after.external - before.heapUsed - before.external) / 2 ** 20
  assert.ok(grownMiB < 40, `50 MiB of garbage left ${grownMiB.toFixed(0)} MiB`)
})

test('a connection over the limit is dropped, logged and counted; the others are served', async () => {
  await using server = await TestServer.start({ maxConnections: 2 })
  using good = new TestPeer(server.port)
  using other = new TestPeer(server.port)
  await until(() => server.open === 2)
  for (let i = 0; i < 5; i++) {
    using late = new TestPeer(server.port)
    await until(() => late.ending !== undefined || server.rejected.length > i)
  }
  good.send(helloOf(1))
  await until(() => good.of('welcome').length === 1)
  assert.equal(other.ending, undefined)
  assert.deepEqual(server.rejected, Array(5).fill('CONNECTION_LIMIT'))
  assert.equal(server.logged.length, 5)
})
