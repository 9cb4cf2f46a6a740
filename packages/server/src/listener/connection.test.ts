import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { crc32 } from 'node:zlib'
import { encodeFrame } from '@godwit/protocol'
import { TestClock } from '../live/test-clock.ts'
import type { Peer, Session } from '../session/peer.ts'
import { Connection, type ConnectionOwner } from './connection.ts'
import { TestPeer, turn, until } from './test-peer.ts'

/** Takes one connection; each frame is given to `receive`. */
class Bench implements ConnectionOwner {
  readonly clock = new TestClock(0)
  readonly receive: (peer: Peer, index: number) => Promise<void> | undefined
  readonly told: string[] = []
  connection: Connection | undefined
  socket: Socket | undefined
  frames = 0
  full = false
  isAnonymous = false
  bufferedBytes = 0
  room: (() => void)[] = []
  readonly #server = createServer({ allowHalfOpen: true }, (socket) => {
    this.socket = socket
    this.connection = new Connection(socket, this)
  })

  constructor(receive: (peer: Peer, index: number) => Promise<void> | undefined) {
    this.receive = receive
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return (this.#server.address() as AddressInfo).port
  }

  openSession(_version: number, peer: Peer): Session {
    return {
      isAnonymous: this.isAnonymous,
      quietLimitMs: 300_000,
      receive: () => this.receive(peer, this.frames++),
      goaway() {},
      closed: () => this.told.push('session closed'),
    }
  }

  isFull(): boolean {
    return this.full
  }

  whenRoom(callback: () => void): void {
    this.room.push(callback)
  }

  buffered(bytes: number): void {
    this.bufferedBytes += bytes
  }

  rejected({ address }: Connection, error: Error): void {
    assert.match(address, /^127\.0\.0\.1:\d+$/)
    this.told.push(`rejected: ${error.message}`)
  }

  gone(): void {
    this.told.push('gone')
    this.#server.close()
  }
}

function frames(count: number): Uint8Array {
  return Buffer.concat(Array.from({ length: count }, () => encodeFrame(2, 0, Uint8Array.of(1), crc32)))
}

test('replies that nobody reads are bounded, and the connection is on its way out', async () => {
  const reply = new Uint8Array(64 * 1024)
  const bench = new Bench((peer) => {
    peer.send(reply)
    return undefined
  })
  using peer = new TestPeer(await bench.listen(), { version: 1 })
  await once(peer.socket, 'connect')
  peer.socket.pause()
  peer.socket.write(frames(1000))
  await until(() => bench.connection?.isEnding === true)
  assert.ok((bench.socket?.writableLength ?? 0) <= 256 * 1024 + 2 * reply.length)
  bench.clock.advance(7000)
  assert.equal(bench.connection?.quietMs, 7000)
  bench.connection?.destroy()
  await until(() => bench.told.includes('gone'))
  assert.deepEqual(bench.told, ['session closed', 'gone'])
})

test('a frame is handled only after the one before it, and what failed rejects the connection once', async () => {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const bench = new Bench((_peer, index) => gates[index]?.promise)
  using peer = new TestPeer(await bench.listen(), { version: 1 })
  peer.socket.write(frames(3))
  await until(() => bench.frames === 1)
  for (let i = 0; i < 5; i++) await turn()
  assert.equal(bench.frames, 1)
  gates[0]?.resolve()
  await until(() => bench.frames === 2)
  gates[1]?.reject(new Error('no'))
  await until(() => bench.told.includes('gone'))
  assert.deepEqual(bench.told, ['rejected: no', 'session closed', 'gone'])
  assert.equal(bench.frames, 2)
  assert.equal(peer.ending, 'end')
})

test('while the store is full nothing is read, and all is read once there is room', async () => {
  const bench = new Bench(() => undefined)
  bench.full = true
  using peer = new TestPeer(await bench.listen(), { version: 1 })
  peer.socket.write(frames(10))
  await until(() => bench.room.length === 1)
  peer.socket.end(frames(90))
  for (let i = 0; i < 5; i++) await turn()
  assert.equal(bench.frames, 0)
  bench.full = false
  for (const callback of bench.room) callback()
  await until(() => bench.told.includes('gone'))
  assert.equal(bench.frames, 100)
})

test('a frame that began has thirty seconds and a second a KiB, and what is left of it is dropped', async () => {
  const bench = new Bench(() => undefined)
  using peer = new TestPeer(await bench.listen(), { version: 1 })
  const frame = encodeFrame(2, 0, new Uint8Array(10_000), crc32)
  peer.socket.write(Buffer.concat([frame, frame.subarray(0, 5000)]))
  await until(() => bench.bufferedBytes === 5000)
  assert.equal(bench.frames, 1)
  bench.clock.advance(35_000)
  bench.connection?.endIfStalled()
  assert.equal(bench.connection?.isEnding, false)
  bench.clock.advance(1000)
  bench.connection?.endIfStalled()
  await until(() => bench.told.includes('gone'))
  assert.deepEqual(bench.told, ['rejected: a frame that began did not end in time', 'session closed', 'gone'])
  assert.equal(bench.bufferedBytes, 0)
})

test('who has not said who it is cannot send a frame over 64 KiB', async () => {
  const bench = new Bench(() => undefined)
  bench.isAnonymous = true
  using peer = new TestPeer(await bench.listen(), { version: 1 })
  peer.socket.write(encodeFrame(2, 0, new Uint8Array(300_000), crc32).subarray(0, 290_000))
  await until(() => bench.told.includes('gone'))
  assert.match(bench.told[0] ?? '', /^rejected: the frame announces a payload over the limit/)
  assert.deepEqual([bench.frames, bench.bufferedBytes], [0, 0])
})

test('who waits for the store does not run out of time for its frame', async () => {
  const bench = new Bench(() => undefined)
  using peer = new TestPeer(await bench.listen(), { version: 1 })
  const frame = encodeFrame(2, 0, new Uint8Array(100), crc32)
  peer.socket.write(frame.subarray(0, 50))
  await until(() => bench.bufferedBytes === 50)
  bench.full = true
  peer.socket.write(frame.subarray(50, 60))
  await until(() => bench.room.length === 1)
  bench.clock.advance(600_000)
  bench.connection?.endIfStalled()
  assert.equal(bench.connection?.isBusy, true)
  bench.full = false
  for (const callback of bench.room) callback()
  peer.socket.write(frame.subarray(60))
  await until(() => bench.frames === 1)
  assert.ok((bench.connection?.quietMs ?? 1) === 0)
})
