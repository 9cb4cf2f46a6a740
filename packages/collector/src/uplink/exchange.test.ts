import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestPort, turn, until } from './test-port.ts'
import { LATER_SCHEMA, TestUplink } from './test-uplink.ts'

test('a server that closes after its commit and before the ack is sent nothing twice', async () => {
  await using server = await TestPort.listen()
  await using bench = new TestUplink(server.port)
  server.onMessage = (connection, message) => {
    if (message.type !== 'batch' || server.connections.length > 3) return false
    server.commit(message)
    connection.socket.destroy()
    return true
  }
  bench.queueTicks(1000)
  bench.tick()
  for (let closed = 1; closed <= 3; closed++) {
    await until(() => bench.changes.length === 2 * closed)
    bench.clock.run(4000)
  }
  await until(() => server.stored.size === 1001)
  assert.deepEqual(server.stored, bench.put)
  assert.equal(server.duplicates, 0)
  assert.equal(server.connections.length, 4)
})

test('a server that lost all is given again what is still held', async () => {
  await using server = await TestPort.listen()
  await using bench = new TestUplink(server.port)
  bench.queueTicks(20)
  bench.tick()
  await until(() => bench.queue.counts.owedTicks === 0)
  server.stored.clear()
  server.last?.socket.destroy()
  await until(() => bench.changes.length === 2)
  bench.clock.run(4000)
  await until(() => server.stored.size === 21)
  assert.deepEqual(server.stored, bench.put)
})

test('a server that has ticks behind a hole is sent those of the hole alone', async () => {
  await using server = await TestPort.listen()
  await using bench = new TestUplink(server.port)
  server.onMessage = (_connection, message) => {
    if (message.type === 'batch') server.commit(message)
    return message.type === 'batch'
  }
  bench.queueTicks(499)
  bench.tick()
  await until(() => server.stored.size === 500)
  const holes = [
    { seq: 0, count: 10 },
    { seq: 300, count: 10 },
    { seq: 450, count: 1 },
  ]
  for (const { seq, count } of holes) for (let i = 0; i < count; i++) server.stored.delete(seq + i)
  server.onMessage = () => false
  server.last?.socket.destroy()
  await until(() => bench.changes.length === 2)
  bench.clock.run(4000)
  await until(() => bench.queue.counts.owedTicks === 0)
  assert.deepEqual(
    server.last?.of('batch').map(({ seq, count }) => ({ seq, count })),
    holes,
  )
  assert.deepEqual(server.stored, bench.put)
  assert.equal(server.duplicates, 0)
})

test('a schema that comes up between Hello and Welcome is sent before its ticks', async () => {
  await using server = await TestPort.listen()
  await using bench = new TestUplink(server.port)
  server.onMessage = (_connection, message) => message.type === 'hello'
  bench.tick()
  await until(() => server.last?.of('hello').length === 1)
  bench.queueTicks(1, LATER_SCHEMA)
  server.onMessage = () => false
  if (server.last !== undefined) server.welcome(server.last)
  await until(() => server.stored.size === 2)
  assert.deepEqual(
    server.last?.messages.map(({ type }) => type),
    ['hello', 'schema', 'batch', 'schema', 'batch'],
  )
  assert.equal(server.last?.of('schema')[1]?.bytes.toHex(), LATER_SCHEMA.bytes.toHex())
  assert.deepEqual(server.stored, bench.put)
})

test('Busy is obeyed: a pause, then all that is not acknowledged, over the same connection', async () => {
  await using server = await TestPort.listen()
  await using bench = new TestUplink(server.port)
  let refusals = 0
  server.onMessage = (connection, message) => {
    if (message.type !== 'batch' || message.seq < 200 || refusals === 2) return false
    refusals++
    connection.send({ type: 'busy', retryAfterMs: 2000 })
    return true
  }
  bench.queueTicks(400)
  bench.tick()
  await until(() => refusals > 0)
  await until(() => server.stored.size > 0)
  const batches = server.last?.of('batch').length
  bench.clock.run(1900)
  bench.tick(0)
  for (let i = 0; i < 5; i++) await turn()
  assert.equal(server.last?.of('batch').length, batches)
  // The wait begins when Busy arrives, which only the collector sees; it is 3 s here.
  while (server.stored.size < 401) {
    bench.clock.run(1)
    await turn()
  }
  assert.deepEqual(server.stored, bench.put)
  await until(() => bench.queue.counts.owedTicks === 0)
  assert.equal(server.connections.length, 1)
  assert.deepEqual(bench.changes, ['connected'])
})

test('Goaway is obeyed: nobody comes back before the time that was asked for', async () => {
  await using server = await TestPort.listen()
  await using bench = new TestUplink(server.port, { random: 0.5 })
  bench.tick()
  await until(() => server.stored.size === 1)
  server.last?.send({ type: 'goaway', retryAfterMs: 4000, reason: 'restart' })
  await until(() => server.last?.isClosed === true)
  assert.deepEqual(bench.changes, ['connected', 'SERVER_GOAWAY'])
  bench.tick(5)
  for (let i = 0; i < 5; i++) await turn()
  assert.equal(server.connections.length, 1)
  bench.clock.run(1000)
  await until(() => server.stored.size === 6)
  assert.equal(server.connections.length, 2)
})

test('ticks that were evicted leave a hole, and the rest is sent and acknowledged', async () => {
  await using server = await TestPort.listen()
  await using bench = new TestUplink(server.port, { queueBytes: 400_000 })
  bench.queueTicks(2000)
  bench.tick()
  const { evictedTicks } = bench.queue.counts
  assert.ok(evictedTicks > 500)
  await until(() => bench.queue.counts.owedTicks === 0)
  assert.equal(Math.min(...server.stored.keys()), evictedTicks)
  assert.equal(server.stored.size, bench.put.size - evictedTicks)
  assert.equal(bench.queue.counts.evictedTicks, evictedTicks)
  bench.tick(11)
  await until(() => server.stored.has(2010))
})

test('ticks that are evicted while the server is slow leave a hole, and do not stop the rest', async () => {
  await using server = await TestPort.listen()
  await using bench = new TestUplink(server.port, { queueBytes: 700_000 })
  const waiting: (() => void)[] = []
  server.onMessage = (connection, message) => {
    if (message.type !== 'batch') return false
    server.commit(message)
    waiting.push(() => server.ack(connection, message))
    return true
  }
  bench.queueTicks(700)
  bench.tick()
  await until(() => waiting.length > 1)
  bench.queueTicks(2000)
  assert.ok((bench.queue.range?.lo ?? 0) > 1000)
  server.onMessage = () => false
  for (const ack of waiting) ack()
  // What was taken since the flush goes with the next one.
  bench.tick(11)
  await until(() => bench.queue.counts.owedTicks === 0)
  for (const [seq, bytes] of server.stored) assert.equal(bytes, bench.put.get(seq))
  assert.ok(server.stored.has(2700))
  assert.equal(server.connections.length, 1)
})

test('an ack is no reason to send what was taken after the flush', async () => {
  await using server = await TestPort.listen()
  await using bench = new TestUplink(server.port)
  const waiting: (() => void)[] = []
  server.onMessage = (connection, message) => {
    if (message.type !== 'batch') return false
    server.commit(message)
    waiting.push(() => server.ack(connection, message))
    return true
  }
  bench.tick()
  await until(() => waiting.length === 1)
  bench.tick(5)
  waiting[0]?.()
  await until(() => bench.queue.counts.owedTicks === 5)
  assert.equal(server.stored.size, 1)
  server.onMessage = () => false
  bench.tick(6)
  await until(() => bench.queue.counts.owedTicks === 0)
  assert.deepEqual(server.stored, bench.put)
})

test('stopping sends what is left, waits for its ack, and says goodbye', async () => {
  await using server = await TestPort.listen()
  await using bench = new TestUplink(server.port)
  bench.tick()
  await until(() => server.stored.size === 1)
  bench.tick(5)
  await bench.uplink.stop()
  assert.deepEqual(server.stored, bench.put)
  await until(() => server.last?.isClosed === true)
  assert.equal(server.last?.of('bye').length, 1)
  assert.deepEqual(bench.changes, ['connected'])
})

test('stopping while the connection is being made sends what is left, and needs no ack for what the server has', async () => {
  await using server = await TestPort.listen()
  for (const expected of [3, 0]) {
    const bench = new TestUplink(server.port)
    bench.queueTicks(2)
    bench.tick()
    await bench.uplink.stop()
    assert.deepEqual(server.stored, bench.put)
    assert.equal(
      server.last?.of('batch').reduce((sum, { count }) => sum + count, 0),
      expected,
    )
    bench.clock.run(10_000)
  }
})

test('stopping does not wait for a server that does not answer', async () => {
  await using server = await TestPort.listen()
  server.onMessage = () => true
  const bench = new TestUplink(server.port)
  bench.tick()
  await until(() => server.last?.of('hello').length === 1)
  const stopped = bench.uplink.stop()
  bench.clock.run(5000)
  await stopped
  bench.clock.run(5000)
  await until(() => server.last?.isClosed === true)
  assert.equal(bench.clock.timerCount, 0)
})

test('a task is handed on, and the server is told what it came to', async () => {
  await using server = await TestPort.listen()
  await using bench = new TestUplink(server.port)
  bench.tick()
  await until(() => server.stored.size === 1)
  server.last?.send({ type: 'task', id: 4, kind: 'shutdown' })
  await until(() => server.last?.of('taskResult').length === 1)
  bench.taskOutcome = 'failed'
  server.last?.send({ type: 'task', id: 5, kind: 'dance' })
  await until(() => server.last?.of('taskResult').length === 2)
  assert.deepEqual(
    server.last?.of('taskResult').map(({ id, outcome }) => [id, outcome]),
    [
      [4, 'done'],
      [5, 'failed'],
    ],
  )
  assert.deepEqual(
    bench.tasks.map(({ id }) => id),
    [4, 5],
  )
})
