import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  BINCODE_OF_HOST,
  CAPTURED_FRAMES,
  type CapturedFrame,
  JSON_OF_HOST,
  JSON_OF_ZERO,
  SHUTDOWN_REPLY,
  WORK_FOR_HOST,
} from './fixtures/version1-frames.ts'
import { type ServerProcess, startServer } from './godwit.ts'
import { type StoredTick, storedTicks } from './stored-ticks.ts'
import { TemporaryDirectory } from './temporary-directory.ts'
import { until } from './until.ts'
import { Version1Client } from './version1-client.ts'

const SIDE_BY_SIDE = 24
const STREAM = Buffer.concat(CAPTURED_FRAMES.map(({ bytes }) => bytes))
const REPLIES = CAPTURED_FRAMES.map(({ reply }) => reply).join('')

const dir = new TemporaryDirectory()
let server: ServerProcess
before(async () => {
  server = await startServer(dir.at('data'))
})
after(async () => {
  await server[Symbol.asyncDispose]()
  dir[Symbol.dispose]()
})

test('the captured frames, cut at any byte, get their replies and are stored once', async () => {
  const cuts = Array.from({ length: STREAM.length - 1 }, (_, i) => i + 1)
  while (cuts.length > 0) await Promise.all(cuts.splice(0, SIDE_BY_SIDE).map(sendCutAt))
  assert.equal(server.process.stderr, '')
  const ofZero = await untilStored(server, JSON_OF_ZERO.collectorId, 1)
  const ofHost = await untilStored(server, JSON_OF_HOST.collectorId, 2)
  assertStored(ofZero, [JSON_OF_ZERO])
  assertStored(ofHost, [JSON_OF_HOST, BINCODE_OF_HOST])
})

test('byte after byte is a frame too', async () => {
  using client = new Version1Client(server.wirePort)
  for (const byte of STREAM) await client.send(Uint8Array.of(byte))
  assert.equal(await client.replied(REPLIES), REPLIES)
})

test('a version 1 collector is listed by its whole id', async () => {
  const answer = await fetch(`${server.http}/api/v1/collectors`)
  const collectors = (await answer.json()) as { id: string; protocol: number; lastTickMs: number }[]
  assert.deepEqual(
    collectors
      .map(({ id, protocol, lastTickMs }) => [id, protocol, lastTickMs])
      .toSorted((a, b) => String(a[0]).localeCompare(String(b[0]))),
    [
      [JSON_OF_ZERO.collectorId, 1, JSON_OF_ZERO.sample?.wallMs],
      [JSON_OF_HOST.collectorId, 1, BINCODE_OF_HOST.sample?.wallMs],
    ],
  )
})

test('a shutdown that waits is given once, to the next who asks for work', async () => {
  const url = `${server.http}/api/v1/collectors/${WORK_FOR_HOST.collectorId}/tasks`
  const headers = { 'content-type': 'application/json' }
  const posted = await fetch(url, { method: 'POST', headers, body: '{"kind":"shutdown"}' })
  assert.equal(posted.status, 201, await posted.text())
  using client = new Version1Client(server.wirePort)
  await client.send(WORK_FOR_HOST.bytes)
  assert.equal(await client.replied(SHUTDOWN_REPLY), SHUTDOWN_REPLY)
  await client.send(WORK_FOR_HOST.bytes)
  assert.equal(await client.replied(SHUTDOWN_REPLY + WORK_FOR_HOST.reply), SHUTDOWN_REPLY + WORK_FOR_HOST.reply)
  const tasks = (await (await fetch(url)).json()) as { state: string }[]
  assert.deepEqual(
    tasks.map(({ state }) => state),
    ['sent'],
  )
})

test('an acknowledged sample survives a server that is killed at once', async () => {
  using own = new TemporaryDirectory()
  await using first = await startServer(own.at('data'))
  using client = new Version1Client(first.wirePort)
  await client.send(BINCODE_OF_HOST.bytes)
  assert.equal(await client.replied(BINCODE_OF_HOST.reply), BINCODE_OF_HOST.reply)
  await first.process.crash()
  await using second = await startServer(own.at('data'))
  assertStored(await storedTicks(second.http, BINCODE_OF_HOST.collectorId), [BINCODE_OF_HOST])
})

test('hundreds of frames of an outage in one connection are all stored, and a sender that resets keeps them', async () => {
  using own = new TemporaryDirectory()
  await using fresh = await startServer(own.at('data'))
  const backlog = Array.from({ length: 500 }, (_, i) => sentAt(JSON_OF_HOST, 0x6b000000 + i))
  using client = new Version1Client(fresh.wirePort)
  await client.send(Buffer.concat(backlog))
  await client.end()
  // This one goes without reading its reply.
  using rude = new Version1Client(fresh.wirePort)
  await rude.send(BINCODE_OF_HOST.bytes)
  await untilStored(fresh, JSON_OF_HOST.collectorId, 501)
  await rude.reset()
  const ticks = await storedTicks(fresh.http, JSON_OF_HOST.collectorId)
  assert.deepEqual(
    ticks.slice(0, 500).map(({ wallMs }) => wallMs),
    backlog.map((_, i) => (0x6b000000 + i) * 1000),
  )
  assert.equal(fresh.process.stderr, '')
})

async function sendCutAt(cut: number): Promise<void> {
  using client = new Version1Client(server.wirePort)
  await client.send(STREAM.subarray(0, cut))
  await client.send(STREAM.subarray(cut))
  assert.equal(await client.replied(REPLIES), REPLIES, `cut after ${cut} bytes`)
  await client.end()
  assert.equal(client.replies, REPLIES, `cut after ${cut} bytes`)
}

/** The frame with another time of sending, which the checksum does not cover. */
function sentAt({ bytes }: CapturedFrame, unixS: number): Buffer {
  const copy = Buffer.from(bytes)
  copy.writeUInt32BE(unixS, 4)
  return copy
}

async function untilStored(at: ServerProcess, collectorId: string, count: number): Promise<StoredTick[]> {
  return until(`${count} samples`, async () => {
    const ticks = await storedTicks(at.http, collectorId)
    return ticks.length >= count && ticks
  })
}

function assertStored(ticks: readonly StoredTick[], frames: readonly CapturedFrame[]): void {
  assert.deepEqual(
    ticks.map(({ wallMs, values }) => ({ wallMs, values: rounded(values) })),
    frames.map(({ sample }) => sample),
  )
}

/** The share of the processor came as a 32-bit float. */
function rounded(values: StoredTick['values']): StoredTick['values'] {
  return { ...values, cpu_used_ratio: Number(values['cpu_used_ratio']?.toPrecision(7)) }
}
