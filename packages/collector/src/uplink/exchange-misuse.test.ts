import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import type { Hello } from '@godwit/protocol'
import type { CollectorError } from '../errors.ts'
import { MemoryQueue } from '../queue/memory-queue.ts'
import { TestClock } from '../tick/test-clock.ts'
import { Exchange } from './exchange.ts'
import { RateLimit } from './rate-limit.ts'
import { TestPort, turn, until } from './test-port.ts'
import { TestUplink } from './test-uplink.ts'

test('a server that sends more than ten tasks a minute is left, and a new connection is no way around', async () => {
  await using server = await TestPort.listen()
  await using bench = new TestUplink(server.port)
  const sendTasks = (): void => {
    for (let id = 0; id < 500; id++) server.last?.send({ type: 'task', id, kind: 'dance' })
  }
  bench.tick()
  await until(() => server.stored.size === 1)
  sendTasks()
  await until(() => server.last?.isClosed === true)
  assert.equal(bench.tasks.length, 10)
  assert.deepEqual(bench.changes, ['connected', 'SERVER_PROTOCOL'])
  bench.tick(4)
  await until(() => bench.changes.length === 3)
  sendTasks()
  await until(() => bench.changes.length === 4)
  assert.equal(bench.tasks.length, 10)
  bench.clock.run(4000)
  await until(() => bench.changes.length === 5)
  await until(() => bench.queue.counts.owedTicks === 0)
  bench.clock.run(60_000)
  server.last?.send({ type: 'task', id: 1, kind: 'dance' })
  await until(() => bench.tasks.length === 11)
})

test('a server that sets the pace without end is left', async () => {
  await using server = await TestPort.listen()
  await using bench = new TestUplink(server.port)
  bench.tick()
  await until(() => server.stored.size === 1)
  for (let i = 0; i < 120; i++) server.last?.send({ type: 'pace', flushMs: 1000 + i })
  server.last?.send({ type: 'task', id: 1, kind: 'dance' })
  await until(() => bench.tasks.length === 1)
  server.last?.send({ type: 'pace', flushMs: 0 })
  await until(() => bench.changes.length === 2)
  assert.deepEqual(bench.changes, ['connected', 'SERVER_PROTOCOL'])
})

test('a second Welcome ends the exchange', async () => {
  await using server = await TestPort.listen()
  await using bench = new TestUplink(server.port)
  bench.tick()
  await until(() => server.stored.size === 1)
  if (server.last !== undefined) server.welcome(server.last)
  await until(() => bench.changes.length === 2)
  assert.deepEqual(bench.changes, ['connected', 'SERVER_PROTOCOL'])
})

test('Busy with no wait is waited for all the same', async () => {
  await using server = await TestPort.listen()
  await using bench = new TestUplink(server.port)
  let refusals = 0
  server.onMessage = (connection, message) => {
    if (message.type !== 'batch' || refusals === 3) return false
    refusals++
    connection.send({ type: 'busy', retryAfterMs: 0 })
    return true
  }
  bench.tick()
  for (let refused = 1; refused <= 3; refused++) {
    // The answer to a task shows that what came before it was read.
    await until(() => refusals === refused)
    server.last?.send({ type: 'task', id: refused, kind: 'dance' })
    await until(() => server.last?.of('taskResult').length === refused)
    bench.clock.run(249)
    for (let i = 0; i < 5; i++) await turn()
    assert.equal(refusals, refused)
    assert.equal(server.stored.size, 0)
    bench.clock.run(1)
  }
  await until(() => server.stored.size === 1)
  assert.equal(server.connections.length, 1)
})

test('what a server says in its Goaway is shown without what a terminal would obey', async () => {
  await using server = await TestPort.listen()
  await using bench = new TestUplink(server.port)
  bench.tick()
  await until(() => server.stored.size === 1)
  server.last?.send({ type: 'goaway', retryAfterMs: 0, reason: `\x1b[2J${'x'.repeat(200)}` })
  await until(() => bench.changes.length === 2)
  assert.equal(bench.errors.at(-1)?.message, `the server says: ?[2J${'x'.repeat(123)}…`)
})

test('a server that asks and does not read is left before its answers fill the memory', async () => {
  await using server = await TestPort.listen()
  server.onMessage = (connection, message) => {
    if (message.type === 'hello') connection.socket.pause()
    return false
  }
  const socket = connect({ host: '127.0.0.1', port: server.port })
  const clock = new TestClock(1_700_000_000_000)
  const detail = 'd'.repeat(256)
  let answers = 0
  let mostWaitingBytes = 0
  let error: CollectorError | undefined
  const exchange = new Exchange(socket, {
    clock,
    queue: new MemoryQueue(1, 1 << 20),
    random: () => 0.5,
    // Ten a minute would take hours.
    taskRate: new RateLimit(Number.POSITIVE_INFINITY, 1),
    paceRate: new RateLimit(1, 1),
    hello: () => HELLO,
    welcomed: () => {},
    acknowledged: () => {},
    busy: () => {},
    task: ({ id }) => {
      answers++
      exchange.answer({ type: 'taskResult', id, outcome: 'failed', detail })
      mostWaitingBytes = Math.max(mostWaitingBytes, socket.writableLength)
    },
    ended: (reason) => {
      error ??= reason
    },
  })
  await until(() => exchange.isStreaming)
  while (error === undefined) {
    for (let id = 0; id < 500; id++) server.last?.send({ type: 'task', id, kind: 'dance' })
    await turn()
  }
  assert.equal(error.code, 'SERVER_PROTOCOL')
  assert.ok(mostWaitingBytes < 70_000, `${mostWaitingBytes} bytes`)
  const before = answers
  for (let i = 0; i < 50; i++) await turn()
  assert.equal(answers, before)
  assert.ok(socket.destroyed)
  await until(() => clock.timerCount === 0)
})

const HELLO: Hello = {
  type: 'hello',
  collector: new Uint8Array(16).fill(7),
  name: 'test',
  software: 'test',
  wallMs: 0,
  monoMs: 0,
  intervalMs: 1000,
  flushMs: 1000,
  runs: [{ run: 1, lo: 0, hi: 0 }],
  schemas: [],
  host: {},
}
