import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { createSchema, LIMITS, seriesOf } from '@godwit/protocol'
import { batchMessage, helloOf, TestPeer, until } from '../listener/test-peer.ts'
import { WATCHED_FLUSH_MS } from '../session/v2-session.ts'
import { V1_SCHEMA } from '../store/v1-schema.ts'
import { TestServer } from './test-server.ts'

const ID = '00000000-0000-0000-0000-000000000001'

test('Hello is welcomed, batches are acknowledged once they are stored, and again when they come again', async () => {
  await using server = await TestServer.start()
  using peer = new TestPeer(server.port)
  peer.send(helloOf(1))
  await until(() => peer.of('welcome').length === 1)
  const welcome = peer.of('welcome')[0]
  assert.deepEqual(welcome, { type: 'welcome', serverMs: server.clock.wallMs(), have: [], wants: [], flushMs: 0 })
  assert.equal(server.fleet.find(ID)?.backlogTicks, 10)

  peer.send(batchMessage(0, 9))
  await until(() => peer.of('ack').length === 1)
  assert.deepEqual(peer.of('ack')[0]?.ranges, [{ runIndex: 0, seq: 0, count: 10 }])
  const no = server.fleet.find(ID)?.record.no as number
  assert.deepEqual(await server.store.have(no), [{ run: 77, lo: 0, hi: 9 }])
  assert.equal(server.fleet.find(ID)?.backlogTicks, 0)

  peer.send(batchMessage(0, 9))
  await until(() => peer.of('ack').length === 2)
  assert.deepEqual(peer.of('ack')[1]?.ranges, [{ runIndex: 0, seq: 0, count: 10 }])

  peer.send({ type: 'bye', reason: 'done' })
  await until(() => server.open === 0)
  assert.equal(peer.ending, 'end')
  assert.equal(server.fleet.find(ID)?.connected, false)
  assert.deepEqual(server.logged, [])
})

test('the next Welcome names what is stored of the runs that are asked for, and the schemas that are wanted', async () => {
  await using server = await TestServer.start()
  using first = new TestPeer(server.port)
  first.send(helloOf(1), batchMessage(2, 4), batchMessage(8, 9), { type: 'schema', bytes: V1_SCHEMA.bytes })
  await until(() => first.of('ack').flatMap(({ ranges }) => ranges).length === 2)
  first.send({ type: 'bye', reason: '' })
  await until(() => server.open === 0)
  using second = new TestPeer(server.port)
  const runs = [
    { run: 5, lo: 0, hi: 0 },
    { run: 77, lo: 4, hi: 20 },
  ]
  second.send(helloOf(1, { runs, schemas: [V1_SCHEMA.id, '0011223344556677'] }))
  await until(() => second.of('welcome').length === 1)
  const { have, wants } = second.of('welcome')[0] as { have: unknown; wants: unknown }
  assert.deepEqual(have, [
    { runIndex: 1, lo: 2, hi: 4 },
    { runIndex: 1, lo: 8, hi: 9 },
  ])
  assert.deepEqual(wants, ['0011223344556677'])
  assert.equal(server.fleet.find(ID)?.backlogTicks, 1 + 17 - 3)
})

test('a watched collector is asked to flush each second, and its ticks are shown once they are stored', async () => {
  await using server = await TestServer.start()
  using peer = new TestPeer(server.port)
  peer.send(helloOf(1), batchMessage(0, 0))
  await until(() => peer.of('ack').length === 1)
  assert.deepEqual(server.published, [])
  const no = server.fleet.find(ID)?.record.no as number
  server.watched.add(no)
  for (const session of server.sessions.of(no)) session.pace(WATCHED_FLUSH_MS)
  await until(() => peer.of('pace').length === 1)
  assert.equal(peer.of('pace')[0]?.flushMs, 1000)
  peer.send(batchMessage(1, 2), batchMessage(0, 1))
  await until(
    () =>
      peer
        .of('ack')
        .flatMap(({ ranges }) => ranges)
        .reduce((sum, { count }) => sum + count, 0) === 5,
  )
  assert.deepEqual(server.published, [1])
  using next = new TestPeer(server.port)
  next.send(helloOf(1))
  await until(() => next.of('welcome').length === 1)
  assert.equal(next.of('welcome')[0]?.flushMs, WATCHED_FLUSH_MS)
})

test('a waiting task comes after Welcome, the next one after its result, and one that is added at once', async () => {
  await using server = await TestServer.start()
  using peer = new TestPeer(server.port)
  const { no } = await server.store.saveCollector(
    { id: ID, name: '', protocol: 2, software: '', host: {}, intervalMs: 1 },
    0,
  )
  const first = await server.store.addTask(no, 'shutdown', 0)
  const second = await server.store.addTask(no, 'restart', 0)
  peer.send(helloOf(1))
  await until(() => peer.of('task').length === 1)
  assert.deepEqual(peer.of('task')[0], { type: 'task', id: first.id, kind: 'shutdown' })
  peer.send({ type: 'taskResult', id: first.id, outcome: 'done', detail: 'ok' })
  await until(() => peer.of('task').length === 2)
  assert.equal(peer.of('task')[1]?.id, second.id)
  await server.store.addTask(no, 'shutdown', 0)
  for (const session of server.sessions.of(no)) session.taskAdded()
  await until(() => peer.of('task').length === 3)
  const states = (await server.store.tasks(no)).map(({ state }) => state)
  assert.deepEqual(states, ['sent', 'sent', 'done'])
})

test('a task that was given to a connection that broke is given to the next one', async () => {
  await using server = await TestServer.start()
  using first = new TestPeer(server.port)
  first.send(helloOf(1))
  await until(() => first.of('welcome').length === 1)
  const no = server.fleet.find(ID)?.record.no ?? -1
  const task = await server.store.addTask(no, 'shutdown', 0)
  for (const session of server.sessions.of(no)) session.taskAdded()
  await until(() => first.of('task').length === 1)
  first.socket.destroy()
  using second = new TestPeer(server.port)
  second.send(helloOf(1))
  await until(() => second.of('task').length === 1)
  assert.equal(second.of('task')[0]?.id, task.id)
})

test('while an older connection of the run says goodbye, tasks go to the newer one', async () => {
  await using server = await TestServer.start()
  using older = new TestPeer(server.port, { allowHalfOpen: true })
  older.send(helloOf(1))
  await until(() => older.of('welcome').length === 1)
  using newer = new TestPeer(server.port)
  newer.send(helloOf(1))
  await until(() => newer.of('welcome').length === 1 && older.of('goaway').length === 1)
  const no = server.fleet.find(ID)?.record.no ?? -1
  await server.store.addTask(no, 'shutdown', 0)
  for (const session of server.sessions.of(no)) session.taskAdded()
  await until(() => newer.of('task').length === 1)
  assert.equal(older.of('task').length, 0)
})

test('acks of more ranges than one message may hold go in several', async () => {
  await using server = await TestServer.start({ groupBytes: 64 * 1024 * 1024 })
  using peer = new TestPeer(server.port)
  const held = { lo: 0, hi: 9 }
  peer.send(
    helloOf(1, {
      runs: [
        { run: 77, ...held },
        { run: 78, ...held },
      ],
    }),
  )
  await until(() => peer.of('welcome').length === 1)
  const count = LIMITS.ackRanges + 10
  for (let i = 0; i < count; i++) peer.send(batchMessage(2 * i, 2 * i, i % 2))
  await until(() => server.commits.waitingBytes > count * 200)
  server.clock.advance(20)
  await until(() => peer.of('ack').reduce((sum, { ranges }) => sum + ranges.length, 0) === count)
  assert.equal(peer.of('ack').length, 2)
})

test('a run that is cut into ever more pieces ends its connection, and nobody else waits for it', async () => {
  await using server = await TestServer.start({ groupBytes: 64 * 1024 * 1024 })
  using peer = new TestPeer(server.port)
  peer.send(helloOf(1))
  await until(() => peer.of('welcome').length === 1)
  const pieces = 4096
  for (let i = 0; i <= pieces; i++) peer.send(batchMessage(2 * i, 2 * i))
  await until(() => server.commits.waitingBytes > pieces * 200)
  server.clock.advance(20)
  await until(() => peer.of('ack').reduce((sum, { ranges }) => sum + ranges.length, 0) === pieces)
  peer.send(batchMessage(1, 1))
  await until(() => server.rejected.length === 1)
  assert.deepEqual(server.rejected, ['RUN_FRAGMENTED'])
})

test('a Hello that names a run twice is refused', async () => {
  await using server = await TestServer.start()
  using peer = new TestPeer(server.port)
  const run = { run: 77, lo: 0, hi: 9 }
  peer.send(helloOf(1, { runs: [run, run] }))
  await until(() => server.rejected.length === 1)
  assert.deepEqual(server.rejected, ['MESSAGE_MALFORMED'])
})

test('a schema that is known already costs no decoding, and a session brings only so many', async () => {
  await using server = await TestServer.start()
  using peer = new TestPeer(server.port)
  peer.send(helloOf(1))
  await until(() => peer.of('welcome').length === 1)
  const schemas = Array.from({ length: 65 }, (_, i) =>
    createSchema([seriesOf('disk_reads_total', { device: `sd${i}` })], (bytes) => hash('sha256', bytes, 'buffer')),
  )
  for (let again = 0; again < 3; again++) {
    for (const { bytes } of schemas.slice(0, 64)) peer.send({ type: 'schema', bytes })
  }
  peer.send(batchMessage(0, 3))
  await until(() => peer.of('ack').length === 1)
  for (const { bytes } of schemas.slice(64)) peer.send({ type: 'schema', bytes })
  await until(() => server.rejected.length === 1)
  assert.deepEqual(server.rejected, ['MESSAGE_UNEXPECTED'])
})

test('a newer connection of the same run sends the older one away, and streams on', async () => {
  await using server = await TestServer.start()
  using older = new TestPeer(server.port)
  older.send(helloOf(1))
  await until(() => older.of('welcome').length === 1)
  using newer = new TestPeer(server.port)
  newer.send(helloOf(1))
  await until(() => older.ending !== undefined && server.open === 1)
  assert.equal(older.ending, 'end')
  assert.match(older.of('goaway')[0]?.reason ?? '', /superseded/)
  newer.send(batchMessage(0, 3))
  await until(() => newer.of('ack').length === 1)
  assert.equal(server.fleet.find(ID)?.connected, true)
})

test('a server that stops tells every collector when to come back, and closes in order', async () => {
  const server = await TestServer.start()
  using peer = new TestPeer(server.port)
  peer.send(helloOf(1))
  await until(() => peer.of('welcome').length === 1)
  await server[Symbol.asyncDispose]()
  await until(() => peer.ending !== undefined)
  assert.equal(peer.ending, 'end')
  const wait = peer.of('goaway')[0]?.retryAfterMs ?? -1
  assert.ok(wait >= 0 && wait <= 5000, `wait ${wait}`)
})

test('a store that does not answer makes the collector wait, keep the batch, and be acknowledged later', async () => {
  await using server = await TestServer.start()
  using peer = new TestPeer(server.port)
  peer.send(helloOf(1))
  await until(() => peer.of('welcome').length === 1)
  using other = server.lockDatabase()
  peer.send(batchMessage(0, 4))
  await until(() => peer.of('busy').length === 1)
  assert.equal(peer.of('ack').length, 0)
  other[Symbol.dispose]()
  peer.send(batchMessage(0, 4))
  await until(() => peer.of('ack').length === 1)
  assert.equal(server.open, 1)
})

const FORBIDDEN: readonly { what: string; send(peer: TestPeer): void; code: string }[] = [
  { what: 'a batch before Hello', send: (peer) => peer.send(batchMessage(0, 1)), code: 'MESSAGE_UNEXPECTED' },
  { what: 'a second Hello', send: (peer) => peer.send(helloOf(1), helloOf(1)), code: 'MESSAGE_UNEXPECTED' },
  {
    what: 'a batch of a run that Hello did not list',
    send: (peer) => peer.send(helloOf(1), batchMessage(0, 1, 1)),
    code: 'BATCH_MALFORMED',
  },
  {
    what: 'schema bytes that are none',
    send: (peer) => peer.send(helloOf(1), { type: 'schema', bytes: Uint8Array.of(9, 9) }),
    code: 'SCHEMA_MALFORMED',
  },
  {
    what: 'the run that version 1 samples go to',
    send: (peer) => peer.send(helloOf(1, { runs: [{ run: 1, lo: 0, hi: 0 }] })),
    code: 'MESSAGE_MALFORMED',
  },
]

for (const { what, send, code } of FORBIDDEN) {
  test(`${what} ends the connection with ${code}`, async () => {
    await using server = await TestServer.start()
    using peer = new TestPeer(server.port)
    send(peer)
    await until(() => peer.ending !== undefined && server.open === 0)
    assert.equal(peer.ending, 'end')
    assert.deepEqual(server.rejected, [code])
  })
}
