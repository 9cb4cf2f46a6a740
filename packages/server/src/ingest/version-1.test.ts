import assert from 'node:assert/strict'
import { once } from 'node:events'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { crc32 } from 'node:zlib'
import { encodeFrame, TickCursor, TickDecoder } from '@godwit/protocol'
import { TestPeer, turn, until } from '../listener/test-peer.ts'
import { DATABASE_FILE } from '../store/sqlite/database-schema.ts'
import { V1_RUN, V1_SCHEMA } from '../store/v1-schema.ts'
import { TestServer } from './test-server.ts'

/** Captured from collectors in the field (docs/wire-format.md, "Version 1"). */
const CAPTURED = {
  jsonZero:
    '04d200016b02d7aa0000005d7b225375626d697444617461223a7b22636f6c6c6563746f725f6964223a302c22746f74616c5f6d656d6f7279223a3130302c22757365645f6d656d6f7279223a35302c22617665726167655f6370755f7573616765223a302e357d7de5264e54',
  json: '04d200016b02d7e7000000967b225375626d697444617461223a7b22636f6c6c6563746f725f6964223a33303333343934313037353632353934303936353231373933363735353036353536313731322c22746f74616c5f6d656d6f7279223a32353237363530323031362c22757365645f6d656d6f7279223a3535383630383338342c22617665726167655f6370755f7573616765223a37382e34373134397d7d10e551a7',
  bincode:
    '04d200016b02d88b00000028000000007022a3ad0ddd88941c44583a114cd21600d098e20500000000a0652e000000000a35b942f392a294',
  requestWork: '04d200016b02d88b00000014010000007022a3ad0ddd88941c44583a114cd2168df5d714',
}
const STREAM = Buffer.from(Object.values(CAPTURED).join(''), 'hex')
const ZERO = '00000000-0000-0000-0000-000000000000'
const ID = '16d24c11-3a58-441c-9488-dd0dada32270'
const ACK = '00000000'
const NO_WORK = '01000000'

interface Tick {
  readonly atS: number
  readonly values: readonly number[]
}

/** What the store holds of a collector, decoded. */
function storedOf(server: TestServer, id: string): Tick[] {
  const no = server.fleet.find(id)?.record.no ?? -1
  const decoder = new TickDecoder((schema) => (schema === V1_SCHEMA.id ? V1_SCHEMA : undefined))
  const stored: Tick[] = []
  using database = new DatabaseSync(join(server.dir.path, DATABASE_FILE), { readOnly: true })
  for (const row of database.prepare('SELECT seq, ticks FROM inbox WHERE collector = ? ORDER BY seq').iterate(no)) {
    const ticks = row['ticks'] as Uint8Array
    const cursor = new TickCursor(ticks)
    while (cursor.next()) {
      assert.ok(decoder.decode(ticks, cursor.start, cursor.end, V1_RUN, Number(row['seq'])))
      stored.push({ atS: decoder.wallMs / 1000, values: [...decoder.values] })
    }
  }
  return stored
}

function assertCaptured(server: TestServer): void {
  assert.deepEqual(storedOf(server, ZERO), [{ atS: 0x6b02d7aa, values: [0.005, 100, 50] }])
  assert.deepEqual(storedOf(server, ID), [
    { atS: 0x6b02d7e7, values: [Math.fround(78.47149) / 100, 25276502016, 558608384] },
    { atS: 0x6b02d88b, values: [Math.fround(92.60359) / 100, 25276502016, 778412032] },
  ])
}

function frame(text: string, sentAtS = 1): Uint8Array {
  return encodeFrame(1, sentAtS, new TextEncoder().encode(text), crc32)
}

function submitData(cpu: string, id = '7'): string {
  return `{"SubmitData":{"collector_id":${id},"total_memory":100,"used_memory":50,"average_cpu_usage":${cpu}}}`
}

/** Sends the parts as segments of their own, waits for the replies, and leaves. */
async function talk(server: TestServer, parts: readonly Uint8Array[], replies: string): Promise<void> {
  using peer = new TestPeer(server.port, { version: 1 })
  for (const part of parts) {
    await new Promise((resolve) => peer.socket.write(part, resolve))
    await turn()
  }
  await until(() => peer.received.length >= replies.length)
  assert.equal(peer.received, replies)
  peer.socket.end()
  await until(() => peer.ending !== undefined)
  assert.equal(peer.ending, 'end')
}

test('captured frames are stored once and answered right, wherever their stream is cut', {
  timeout: 30_000,
}, async () => {
  await using server = await TestServer.start()
  for (let cut = 1; cut < STREAM.length; cut++) {
    await talk(server, [STREAM.subarray(0, cut), STREAM.subarray(cut)], ACK + NO_WORK)
  }
  assertCaptured(server)
  assert.deepEqual(server.logged, [])
})

test('captured frames are stored and answered right byte by byte', async () => {
  await using server = await TestServer.start()
  await talk(
    server,
    Array.from(STREAM, (byte) => Uint8Array.of(byte)),
    ACK + NO_WORK,
  )
  assertCaptured(server)
})

test('hundreds of frames in one connection get one reply each, in their order, and are all stored', async () => {
  await using server = await TestServer.start()
  const frames: Buffer[] = []
  let replies = ''
  for (let i = 0; i < 200; i++) {
    const payload = Buffer.from(CAPTURED.bincode, 'hex').subarray(12, -4)
    frames.push(Buffer.from(encodeFrame(1, i, payload, crc32)), Buffer.from(frame(submitData('1', '9'), i)))
    replies += ACK
    if (i % 10 !== 0) continue
    frames.push(Buffer.from(CAPTURED.requestWork, 'hex'))
    replies += NO_WORK
  }
  await talk(server, [Buffer.concat(frames)], replies)
  // The last sample is JSON, which gets no reply.
  await server.commits.drain()
  assert.deepEqual(
    storedOf(server, ID).map(({ atS }) => atS),
    [...Array(200).keys()],
  )
  assert.equal(storedOf(server, '00000000-0000-0000-0000-000000000009').length, 200)
})

test('a sender that closes at once without reading loses nothing', async () => {
  await using server = await TestServer.start()
  for (const leave of ['end', 'destroy'] as const) {
    using peer = new TestPeer(server.port, { version: 1 })
    await once(peer.socket, 'connect')
    const bytes = Buffer.concat([frame(submitData('1'), leave.length), Buffer.from(CAPTURED.bincode, 'hex')])
    await new Promise((resolve) => peer.socket.write(bytes, resolve))
    peer.socket[leave]()
    await until(
      () =>
        server.open === 0 &&
        storedOf(server, '00000000-0000-0000-0000-000000000007').some(({ atS }) => atS === leave.length),
    )
  }
  await server.commits.drain()
  assert.equal(storedOf(server, ID).length, 1)
  assert.deepEqual(server.logged, [])
})

test('a shutdown task is given to the next request for work, once', async () => {
  await using server = await TestServer.start()
  const request = Buffer.from(CAPTURED.requestWork, 'hex')
  await talk(server, [request], NO_WORK)
  await server.store.addTask(server.fleet.find(ID)?.record.no as number, 'shutdown', 0)
  await talk(server, [Buffer.concat([request, request])], `0200000000000000${NO_WORK}`)
})

test('null for cpu is none, and ids are exact up to the largest', async () => {
  await using server = await TestServer.start()
  const largest = (2n ** 128n - 1n).toString()
  using peer = new TestPeer(server.port, { version: 1 })
  peer.socket.write(frame(submitData('null', largest)))
  peer.socket.write(frame(submitData('null', largest)))
  peer.socket.end(frame(` ${submitData('0', '1')}`.trim(), 2))
  await until(() => server.open === 0 && server.fleet.size === 2)
  await server.commits.drain()
  assert.deepEqual(storedOf(server, 'ffffffff-ffff-ffff-ffff-ffffffffffff'), [
    { atS: 1, values: [Number.NaN, 100, 50] },
  ])
  assert.equal(server.fleet.find('ffffffff-ffff-ffff-ffff-ffffffffffff')?.connected, false)
  assert.equal(server.fleet.find('00000000-0000-0000-0000-000000000001')?.connected, false)
})

test('a sample is acknowledged only once the store took it, however often it must be asked', async () => {
  await using server = await TestServer.start()
  await talk(server, [Buffer.from(CAPTURED.requestWork, 'hex')], NO_WORK)
  using lock = server.lockDatabase()
  using peer = new TestPeer(server.port, { version: 1 })
  peer.socket.write(Buffer.from(CAPTURED.bincode, 'hex'))
  await until(() => server.failures > 0)
  assert.equal(peer.received, '')
  lock[Symbol.dispose]()
  server.clock.advance(1000)
  await until(() => peer.received === ACK)
  assert.equal(storedOf(server, ID).length, 1)
})

test('while the store refuses, a stream of JSON samples is read on up to a bound, and none is lost', async () => {
  const capacityBytes = 20_000
  await using server = await TestServer.start({ capacityBytes })
  await talk(server, [Buffer.from(CAPTURED.requestWork, 'hex')], NO_WORK)
  using lock = server.lockDatabase()
  using peer = new TestPeer(server.port, { version: 1 })
  const id = BigInt(`0x${ID.replaceAll('-', '')}`).toString()
  const count = 4000
  peer.socket.end(Buffer.concat(Array.from({ length: count }, (_, i) => frame(submitData('1', id), 2 + i))))
  await until(() => server.commits.isFull)
  // Were it read on, each turn of the loop would bring more.
  for (let i = 0; i < 20; i++) await turn()
  assert.ok(server.commits.waitingBytes < 2 * capacityBytes, `${server.commits.waitingBytes} bytes wait`)
  lock[Symbol.dispose]()
  // The retry timers are the only ones within reach of a second.
  while (server.open > 0) {
    server.clock.advance(1000)
    await turn()
  }
  await server.commits.drain()
  assert.equal(storedOf(server, ID).length, count)
})
