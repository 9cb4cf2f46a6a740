import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { ProtocolError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { createSchema } from '../metric/schema.ts'
import type { Series } from '../metric/series.ts'
import { TickDecoder } from './tick-decoder.ts'
import { TickEncoder } from './tick-encoder.ts'

const RUN = 77
const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())
const SERIES: Series[] = [
  { name: 'g', unit: 'none', kind: 'gauge', resolution: 0.1 },
  { name: 'c', unit: 'count', kind: 'counter', resolution: 1 },
  { name: 'f', unit: 'none', kind: 'gauge', resolution: null },
  ...Array.from({ length: 8 }, (_, i): Series => ({ name: `x${i}`, unit: 'none', kind: 'gauge', resolution: 1 })),
]
const SCHEMA = createSchema(SERIES, sha256)

/** Ticks 0..n-1, in which everything comes that a tick can have. */
function encodeTicks(count: number): Uint8Array[] {
  const encoder = new TickEncoder({ schema: SCHEMA, run: RUN, intervalMs: 1000, ticksPerKey: 20 })
  return Array.from({ length: count }, (_, seq) => {
    const values = SERIES.map((_series, i) =>
      i > 3 && (seq + i) % 5 === 0 ? Number.NaN : Math.trunc(Math.sin(seq * i) * 10 ** i),
    )
    const head = { seq, wallMs: 1e12 + seq * 1007, monoMs: seq * (seq % 3 === 0 ? 1000 : 1007), missed: seq % 4 }
    return encoder.encode(head, Float64Array.from(values)).bytes.slice()
  })
}

const TICKS = encodeTicks(41)
const tickAt = (seq: number): Uint8Array => TICKS[seq] as Uint8Array

/** A decoder to which all ticks before `seq` were given. */
function decoderBefore(seq: number): TickDecoder {
  const decoder = new TickDecoder((id) => (id === SCHEMA.id ? SCHEMA : undefined))
  for (let i = 0; i < seq; i++) assert.ok(decoder.decode(tickAt(i), 0, tickAt(i).length, RUN, i))
  return decoder
}

/** What decode gave; an error that is not of the protocol fails the test. */
function decodeHostile(decoder: TickDecoder, bytes: Uint8Array, seq: number): boolean | string {
  try {
    return decoder.decode(bytes, 0, bytes.length, RUN, seq)
  } catch (error) {
    assert.ok(error instanceof ProtocolError, String(error))
    return error.code
  }
}

/** What a reader may rely on, whoever made the bytes. */
function assertSane(decoder: TickDecoder): void {
  assert.ok(Number.isInteger(decoder.wallMs) && decoder.wallMs >= 0 && decoder.wallMs <= LIMITS.wallMs)
  assert.ok(Number.isSafeInteger(decoder.monoMs) && decoder.monoMs >= 0)
  assert.ok(Number.isSafeInteger(decoder.missed) && decoder.missed >= 0)
  assert.equal(decoder.values.length, SERIES.length)
  for (const [i, value] of decoder.values.entries()) {
    assert.ok(SERIES[i]?.resolution === null || Number.isNaN(value) || Number.isFinite(value))
  }
}

test('every proper prefix of a tick is malformed, alone and in front of other bytes', () => {
  for (const [seq, tick] of TICKS.slice(0, 25).entries()) {
    for (let length = 1; length < tick.length; length++) {
      assert.equal(decodeHostile(decoderBefore(seq), tick.slice(0, length), seq), 'TICK_MALFORMED', `${seq} ${length}`)
      assert.throws(() => decoderBefore(seq).decode(tick, 0, length, RUN, seq), { code: 'TICK_MALFORMED' })
    }
    assert.notEqual(decodeHostile(decoderBefore(seq), new Uint8Array(0), seq), true)
  }
})

test('a byte too many is malformed', () => {
  for (const [seq, tick] of TICKS.slice(0, 25).entries()) {
    assert.equal(decodeHostile(decoderBefore(seq), Uint8Array.of(...tick, 0), seq), 'TICK_MALFORMED')
  }
})

test('after a flipped bit the decoder is sane, and whole again at the next key tick', () => {
  for (const [seq, tick] of TICKS.slice(0, 21).entries()) {
    for (let bit = 0; bit < tick.length * 8; bit++) {
      const flipped = tick.slice()
      flipped[bit >>> 3] = (flipped[bit >>> 3] as number) ^ (0x80 >>> (bit & 7))
      const decoder = decoderBefore(seq)
      if (decodeHostile(decoder, flipped, seq) === true) assertSane(decoder)
      assert.equal(decodeHostile(decoder, tickAt(40), 40), true)
    }
  }
})

test('after a malformed tick nothing is decoded up to the next key tick', () => {
  const decoder = decoderBefore(5)
  assert.equal(decodeHostile(decoder, tickAt(5).slice(0, -1), 5), 'TICK_MALFORMED')
  for (let seq = 5; seq < 20; seq++) assert.equal(decodeHostile(decoder, tickAt(seq), seq), false)
  assert.equal(decodeHostile(decoder, tickAt(20), 20), true)
})

test('random bytes give a ProtocolError, false, or a sane tick', () => {
  const decoder = decoderBefore(5)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), fc.integer({ min: 0, max: 40 }), (garbage, keep) => {
      const bytes = [garbage, Uint8Array.of(5, ...garbage), Uint8Array.of(...tickAt(0).slice(0, keep), ...garbage)]
      for (const [i, one] of bytes.entries()) {
        assert.equal(decodeHostile(decoder, tickAt(0), 0), true)
        for (let seq = 1; seq < 5; seq++) assert.equal(decodeHostile(decoder, tickAt(seq), seq), true)
        if (decodeHostile(decoder, one, i === 2 ? 0 : 5) === true) assertSane(decoder)
      }
    }),
    { seed: 2, numRuns: 500 },
  )
})

test('flags that have no meaning are malformed', () => {
  const key = tickAt(0).slice()
  const delta = tickAt(1).slice()
  assert.equal(delta[0], 0x41)
  for (const flag of [0x04, 0x08, 0x10, 0x20, 0x40]) {
    key[0] = (tickAt(0)[0] as number) | flag
    assert.equal(decodeHostile(decoderBefore(0), key, 0), 'TICK_MALFORMED')
  }
  for (const flag of [0x08, 0x10, 0x20, 0x40, 0x80]) {
    delta[1] = (tickAt(1)[1] as number) | flag
    assert.equal(decodeHostile(decoderBefore(1), delta, 1), 'TICK_MALFORMED')
  }
})

test('a forged clock that no Date can show is malformed', () => {
  const schema = createSchema([], sha256)
  const key = new TickEncoder({ schema, run: RUN, intervalMs: 1000 })
    .encode({ seq: 0, wallMs: 100, monoMs: 0, missed: 0 }, new Float64Array(0))
    .bytes.slice()
  const steps = ['01ffffffffffffff1f', '01feffffffffffff1f', '4104fffffffffffff71f00']
  for (const hex of steps) {
    const decoder = new TickDecoder(() => schema)
    assert.ok(decoder.decode(key, 0, key.length, RUN, 0))
    const delta = Uint8Array.fromHex(hex)
    assert.throws(() => decoder.decode(delta, 0, delta.length, RUN, 1), { code: 'TICK_MALFORMED' }, hex)
  }
})

test('a key tick whose interval is none, or longer than a day, is malformed', () => {
  const schema = createSchema([], sha256)
  // Run, seq and both clocks are 0; without series the interval is the end.
  const keyOf = (intervalHex: string): Uint8Array => Uint8Array.fromHex(`80${schema.id}${'00'.repeat(9)}${intervalHex}`)
  const decoder = new TickDecoder(() => schema)
  const decode = (key: Uint8Array): boolean => decoder.decode(key, 0, key.length, 0, 0)
  assert.ok(decode(keyOf('01')))
  assert.ok(decode(keyOf('80b89929')))
  assert.equal(decoder.intervalMs, LIMITS.periodMs)
  for (const hex of ['00', '81b89929']) assert.throws(() => decode(keyOf(hex)), { code: 'TICK_MALFORMED' }, hex)
  for (const intervalMs of [0, 0.5, -1, LIMITS.periodMs + 1, Number.NaN]) {
    assert.throws(() => new TickEncoder({ schema, run: RUN, intervalMs }), { code: 'TICK_MALFORMED' })
  }
})

test('forged differences cannot lead past the exact integers', () => {
  const schema = createSchema([{ name: 'c', unit: 'count', kind: 'counter', resolution: 1 }], sha256)
  const encoder = new TickEncoder({ schema, run: RUN, intervalMs: 1000 })
  const decoder = new TickDecoder(() => schema)
  const code: Uint8Array[] = [0, 2 ** 50].map((value, seq) =>
    encoder.encode({ seq, wallMs: 1, monoMs: 1, missed: 0 }, Float64Array.of(value)).bytes.slice(),
  )
  for (const [seq, bytes] of code.entries()) assert.ok(decoder.decode(bytes, 0, bytes.length, RUN, seq))
  // Nothing changes, so the counter goes on by 2^50 a tick.
  for (let seq = 2; seq < 8; seq++) {
    assert.ok(decoder.decode(Uint8Array.of(seq, 0, 0), 0, 3, RUN, seq))
    assert.equal(decoder.values[0], seq * 2 ** 50)
  }
  assert.throws(() => decoder.decode(Uint8Array.of(8, 0, 0), 0, 3, RUN, 8), { code: 'TICK_MALFORMED' })
})

test('a code of all zeros ends at once', () => {
  const decoder = decoderBefore(1)
  const zeros = new Uint8Array(LIMITS.tickBytes)
  zeros[0] = 1
  zeros[2] = 0x80
  assert.equal(decodeHostile(decoder, zeros, 1), 'TICK_MALFORMED')
})
