import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { TestPort, turn, until } from './test-port.ts'
import { TestUplink } from './test-uplink.ts'

test('the whole queue goes over one connection, and the server has it byte for byte', async () => {
  await using server = await TestPort.listen()
  await using bench = new TestUplink(server.port)
  bench.queueTicks(3000)
  bench.tick()
  await until(() => server.stored.size === 3001)
  assert.deepEqual(server.stored, bench.put)
  assert.equal(server.duplicates, 0)
  assert.equal(server.connections.length, 1)
  await until(() => bench.queue.counts.owedTicks === 0)
  assert.equal(server.last?.of('schema').length, 1)
  assert.deepEqual(bench.changes, ['connected'])
})

test('then each flush takes what came since, and a paced one takes each tick', async () => {
  await using server = await TestPort.listen()
  await using bench = new TestUplink(server.port)
  bench.tick()
  await until(() => bench.queue.counts.owedTicks === 0)
  bench.tick(9)
  for (let i = 0; i < 5; i++) await turn()
  assert.equal(server.stored.size, 1)
  bench.tick(2)
  await until(() => server.stored.size >= 11)
  server.last?.send({ type: 'pace', flushMs: 1000 })
  await until(() => server.stored.size === 12)
  const batches = server.last?.of('batch').length ?? 0
  for (let i = 1; i <= 3; i++) {
    bench.tick()
    await until(() => server.stored.size === 12 + i)
  }
  assert.equal(server.last?.of('batch').length, batches + 3)
  assert.deepEqual(server.stored, bench.put)
})

test('a port where nothing listens is tried again and again, and said once; then all is sent', async () => {
  const gone = await TestPort.listen()
  const { port } = gone
  await gone[Symbol.asyncDispose]()
  await using bench = new TestUplink(port)
  for (let i = 0; i < 30; i++) {
    bench.tick()
    await turn()
  }
  await until(() => bench.changes.length === 1)
  assert.deepEqual(bench.changes, ['SERVER_UNREACHABLE'])
  await using server = await TestPort.listen(port)
  while (bench.changes.length < 2) {
    bench.clock.run(100)
    await turn()
  }
  await until(() => server.stored.size === bench.put.size)
  assert.deepEqual(server.stored, bench.put)
  assert.deepEqual(bench.changes, ['SERVER_UNREACHABLE', 'connected'])
})

test('an HTTP server at the address is told apart, said once, and tried again', async () => {
  const http = createServer()
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  let connections = 0
  http.on('connection', () => connections++)
  using _open = {
    [Symbol.dispose]() {
      http.closeAllConnections()
      http.close()
    },
  }
  await using bench = new TestUplink((http.address() as AddressInfo).port)
  while (connections < 4) {
    bench.tick()
    await turn()
  }
  await until(() => bench.changes.length > 0)
  assert.deepEqual([...new Set(bench.changes)], ['SERVER_PROTOCOL'])
  assert.equal(bench.changes.length, 1)
})

test('a server that sends garbage for ever, and never closes, neither fills the memory nor keeps the socket', async () => {
  const sockets: Socket[] = []
  let closed = 0
  const garbage = new Uint8Array(64 * 1024).fill(0xee)
  const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket)
    const pour = (): void => {
      while (!socket.destroyed && socket.write(garbage));
    }
    socket.on('drain', pour)
    socket.on('error', () => {})
    socket.on('close', () => closed++)
    pour()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    await using bench = new TestUplink((server.address() as AddressInfo).port, { random: 1 })
    bench.tick()
    await until(() => bench.changes.length === 1)
    assert.deepEqual(bench.changes, ['SERVER_PROTOCOL'])
    const before = process.memoryUsage().arrayBuffers
    const sent = sockets[0]?.bytesWritten ?? 0
    await until(() => (sockets[0]?.bytesWritten ?? 0) > sent + 200 * 2 ** 20)
    const grownMiB = (process.memoryUsage().arrayBuffers - before) / 2 ** 20
    assert.ok(grownMiB < 100, `grown by ${grownMiB.toFixed(0)} MiB`)
    bench.clock.run(900)
    assert.equal(closed, 0)
    bench.clock.run(5000)
    await until(() => closed === 1)
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
})

test('no answer to Hello for 30 s: the socket is destroyed and the next try begins', async () => {
  await using server = await TestPort.listen()
  await using bench = new TestUplink(server.port)
  server.onMessage = () => true
  bench.tick()
  await until(() => server.last?.of('hello').length === 1)
  bench.clock.run(28_000)
  await turn()
  assert.equal(server.last?.isClosed, false)
  bench.clock.run(2000)
  await until(() => server.connections[0]?.isClosed === true)
  assert.deepEqual(bench.changes, ['SERVER_SILENT'])
  server.onMessage = () => false
  bench.clock.run(1000)
  await until(() => server.stored.size === 1)
  assert.deepEqual(bench.changes, ['SERVER_SILENT', 'connected'])
})

test('no ack for 30 s: the socket is destroyed, and what was stored meanwhile is not sent again', async () => {
  await using server = await TestPort.listen()
  await using bench = new TestUplink(server.port)
  server.onMessage = (_connection, message) => {
    if (message.type !== 'batch') return false
    server.commit(message)
    return true
  }
  bench.queueTicks(50)
  bench.tick()
  await until(() => server.stored.size === 51)
  bench.clock.run(31_000)
  await until(() => server.connections[0]?.isClosed === true)
  server.onMessage = () => false
  bench.tick(5)
  await until(() => server.stored.size >= 52)
  assert.equal(server.duplicates, 0)
  assert.deepEqual(bench.changes, ['connected', 'SERVER_SILENT', 'connected'])
})
