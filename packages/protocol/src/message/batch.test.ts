import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ByteWriter } from '../bytes/byte-writer.ts'
import { ProtocolError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { appendTick, type Batch, decodeBatch, dropTicks, encodeBatch, TickCursor } from './batch.ts'

const SENT_AT_S = 1_700_000_010
const FIRST_MS = 1_700_000_000_000
const TICKS = Uint8Array.fromHex('02aabb01cc03ddeeff')
const BATCH: Batch = {
  runIndex: 1,
  seq: 300,
  count: 3,
  firstWallMs: FIRST_MS,
  lastWallMs: FIRST_MS + 2000,
  ticks: TICKS,
}

function joinTicks(ticks: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter()
  for (const tick of ticks) appendTick(writer, tick)
  return writer.written().slice()
}

test('a batch has these bytes', () => {
  // Age 10,000 ms is 16 + 64 × 156: a0 9c 01. Span 2000 ms is 16 + 64 × 31: a0 1f.
  assert.equal(encodeBatch(BATCH, SENT_AT_S).toHex(), `0401ac0203a09c01a01f${TICKS.toHex()}`)
})

test('a tick of a batch is its length, a varint, and its bytes', () => {
  assert.equal(joinTicks([Uint8Array.of(0xaa), Uint8Array.of(1, 2)]).toHex(), '01aa020102')
  assert.equal(joinTicks([new Uint8Array(300)]).toHex(), `ac02${'00'.repeat(300)}`)
  assert.equal(
    joinTicks([new Uint8Array(LIMITS.tickBytes)])
      .subarray(0, 4)
      .toHex(),
    '80800400',
  )
})

test('what was encoded is what is decoded', () => {
  const wallMs = fc.integer({ min: 0, max: LIMITS.wallMs })
  const batch = fc.record(
    {
      runIndex: fc.nat(LIMITS.runsPerHello),
      seq: fc.integer({ min: 0, max: LIMITS.seq - 100 }),
      firstWallMs: wallMs,
      lastWallMs: wallMs,
      ticks: fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 30 }),
    },
    { noNullPrototype: true },
  )
  const sentAtS = fc.oneof(fc.integer({ min: 0, max: 0xffffffff }), fc.integer({ min: -100, max: 2 ** 34 }))
  fc.assert(
    fc.property(batch, sentAtS, ({ ticks, ...head }, seconds) => {
      const wanted: Batch = { ...head, count: ticks.length, ticks: joinTicks(ticks) }
      // What the frame's header can carry of the time.
      const headerSeconds = Math.min(Math.max(seconds, 0), 0xffffffff)
      assert.deepEqual(decodeBatch(encodeBatch(wanted, seconds), headerSeconds), wanted)
      const cursor = new TickCursor(wanted.ticks)
      for (const tick of ticks) {
        assert.ok(cursor.next())
        assert.deepEqual(wanted.ticks.slice(cursor.start, cursor.end), tick)
      }
      assert.equal(cursor.next(), false)
    }),
    { seed: 6, numRuns: 300 },
  )
})

test('a fraction of a second in the time of sending does not reach the ticks', () => {
  assert.deepEqual(decodeBatch(encodeBatch(BATCH, SENT_AT_S + 0.75), SENT_AT_S), BATCH)
})

test('every proper prefix of a batch is malformed', () => {
  const bytes = encodeBatch(BATCH, SENT_AT_S)
  for (let length = 1; length < bytes.length; length++) {
    assert.throws(() => decodeBatch(bytes.subarray(0, length), SENT_AT_S), { code: 'BATCH_MALFORMED' }, String(length))
  }
})

test('a flipped bit is refused or gives a batch whose ticks can be stepped over', () => {
  const bytes = encodeBatch(BATCH, SENT_AT_S)
  for (let bit = 8; bit < bytes.length * 8; bit++) {
    const flipped = bytes.slice()
    flipped[bit >>> 3] = (flipped[bit >>> 3] as number) ^ (0x80 >>> (bit & 7))
    try {
      const batch = decodeBatch(flipped, SENT_AT_S)
      const cursor = new TickCursor(batch.ticks)
      let count = 0
      while (cursor.next()) count++
      assert.equal(count, batch.count)
    } catch (error) {
      assert.ok(error instanceof ProtocolError && error.code === 'BATCH_MALFORMED', String(error))
    }
  }
})

test('a batch over a limit, with another count, or outside the times that a Date can show, is malformed', () => {
  const bad: Partial<Batch>[] = [
    { count: 0 },
    { count: 2 },
    { count: 4 },
    { seq: LIMITS.seq - 2 },
    { firstWallMs: -1 },
    { lastWallMs: LIMITS.wallMs + 1 },
    { count: LIMITS.batchTicks + 1, ticks: new Uint8Array((LIMITS.batchTicks + 1) * 2).fill(1) },
    { count: 5, ticks: joinTicks([]) },
    { count: 4, ticks: new Uint8Array(LIMITS.batchTickBytes + 1).fill(1) },
  ]
  for (const change of bad) {
    const bytes = encodeBatch({ ...BATCH, ...change }, SENT_AT_S)
    assert.throws(() => decodeBatch(bytes, SENT_AT_S), { code: 'BATCH_MALFORMED' }, Object.keys(change).join())
  }
})

test('the cursor refuses a length of 0, over the limit, over the end, or that never ends', () => {
  for (const hex of ['00', '8000', '02aa', '80', `818004${'00'.repeat(16)}`, 'ffffffff01', 'ffff7f']) {
    const cursor = new TickCursor(Uint8Array.fromHex(hex))
    assert.throws(() => cursor.next(), { code: 'BATCH_MALFORMED' }, hex)
    assert.throws(() => cursor.next(), { code: 'BATCH_MALFORMED' }, hex)
  }
})

test('dropping ticks leaves the others', () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((from) => dropTicks(TICKS, from).toHex()),
    ['02aabb01cc03ddeeff', '01cc03ddeeff', '03ddeeff', '', ''],
  )
})
