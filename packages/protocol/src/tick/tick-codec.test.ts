import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { LIMITS } from '../limits.ts'
import { createSchema, type Schema } from '../metric/schema.ts'
import type { Series } from '../metric/series.ts'
import { TickDecoder } from './tick-decoder.ts'
import { TickEncoder, type TickHead } from './tick-encoder.ts'

const RUN = 0x0123456789ab
const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())
const gauge = (name: string, resolution: number | null = 1): Series => ({
  name,
  unit: 'none',
  kind: 'gauge',
  resolution,
})
const counter = (name: string): Series => ({ name, unit: 'count', kind: 'counter', resolution: 1 })
const head = (seq: number, extra: Partial<TickHead> = {}): TickHead => {
  return { seq, wallMs: 1_700_000_000_000 + seq * 1000, monoMs: 5000 + seq * 1000, missed: 0, ...extra }
}

function encodeAll(schema: Schema, ticks: readonly { head: TickHead; values: number[] }[]): Uint8Array[] {
  const encoder = new TickEncoder({ schema, run: RUN, intervalMs: 1000 })
  return ticks.map((tick) => encoder.encode(tick.head, Float64Array.from(tick.values)).bytes.slice())
}

function hexOf(series: readonly Series[], ticks: readonly { head: TickHead; values: number[] }[]): string[] {
  const schema = createSchema(series, sha256)
  return encodeAll(schema, ticks).map((bytes) => bytes.toHex().replace(schema.id, '<schema>'))
}

// 80: key. schema, run, seq 0, wallMs, monoMs 5000, intervalMs 1000.
const KEY_HEAD = '80<schema>0123456789ab0080d095ffbc318827e807'

test('a key tick and the delta tick behind it have these bytes', () => {
  const ticks = [
    { head: head(0), values: [5, 100] },
    { head: head(1), values: [6, 103] },
    { head: head(2), values: [6, 106] },
  ]
  assert.deepEqual(hexOf([gauge('a'), counter('b')], ticks), [
    // 5 is 0a, 100 is 36 + 64 × 1: c8 01.
    `${KEY_HEAD}0ac801`,
    // Index 1, jitter 0, both changed; e = 1 is u = 1 in 1 + 7 bits: 1 0000001; e = 3 is u = 5: 1 0000101.
    '0100c08185',
    // The counter went on by the same 3, so nothing changed.
    '020000',
  ])
})

test('a schema without series has ticks of a head alone', () => {
  assert.deepEqual(
    hexOf(
      [],
      [
        { head: head(0), values: [] },
        { head: head(1), values: [] },
      ],
    ),
    [KEY_HEAD, '0100'],
  )
})

test('the bitmap of nine series takes two bytes', () => {
  const series = Array.from({ length: 9 }, (_, i) => gauge(`s${i}`))
  const values = [0, 0, 0, 0, 0, 0, 0, 0, 0]
  const ticks = [
    { head: head(0), values },
    { head: head(1), values: [...values.slice(1), -1] },
  ]
  // u = 0: the code is 1 and seven zeros.
  assert.deepEqual(hexOf(series, ticks), [`${KEY_HEAD}000000000000000000`, '0100008080'])
})

test('missed ticks, drift, jitter and absent series have these bytes', () => {
  const ticks = [
    { head: head(0, { missed: 3 }), values: [Number.NaN, 7] },
    { head: head(1, { missed: 2, wallMs: 1_700_000_001_500, monoMs: 6100 }), values: [1, Number.NaN] },
    { head: head(2, { wallMs: 1_700_000_002_500, monoMs: 7100 }), values: [1, Number.NaN] },
  ]
  assert.deepEqual(hexOf([gauge('a'), gauge('b')], ticks), [
    // 83: key, missed, presence; 03 missed; 40: the second alone has a value, 7.
    `83${KEY_HEAD.slice(2)}03400e`,
    // 41 07: flags; jitter 500 = 52 + 64 × 7: e8 07; drift -400 = 16 + 64 × 6: a1 06; missed 2; presence 80; changed
    // 80; e = 1.
    '4107e807a10602808081',
    '020000',
  ])
})

test('a float series carries its 64 bits', () => {
  const ticks = [
    { head: head(0), values: [1.5] },
    { head: head(1), values: [-2] },
    { head: head(2), values: [-2] },
  ]
  const wanted = [`${KEY_HEAD}3ff8000000000000`, '010080c000000000000000', '020000']
  assert.deepEqual(hexOf([gauge('f', null)], ticks), wanted)
})

test('a large difference of a gauge is coded, and one over 2^50 makes a key tick', () => {
  const schema = createSchema([gauge('a')], sha256)
  const encoder = new TickEncoder({ schema, run: RUN, intervalMs: 1000 })
  const isKey = [0, 2 ** 50, -1, 0].map((value, seq) => encoder.encode(head(seq), Float64Array.of(value)).isKey)
  assert.deepEqual(isKey, [true, false, true, false])
})

test('a gauge that rose far makes no key tick when it stays', () => {
  const schema = createSchema([gauge('a')], sha256)
  const ticks = [EDGE - 2 ** 50, EDGE - 1, EDGE - 1].map((value, seq) => ({ head: head(seq), values: [value] }))
  const decoder = new TickDecoder(() => schema)
  const isKey = encodeAll(schema, ticks).map((bytes, seq) => {
    assert.ok(decoder.decode(bytes, 0, bytes.length, RUN, seq))
    assert.deepEqual([...decoder.values], ticks[seq]?.values)
    return decoder.isKey
  })
  assert.deepEqual(isKey, [true, false, false])
})

test('a counter at the end of the exact integers is decoded exactly', () => {
  const schema = createSchema([counter('c')], sha256)
  const edge = Number.MAX_SAFE_INTEGER
  const decoder = new TickDecoder(() => schema)
  const ticks = [edge - 2, edge, edge, 0, -edge + 4, -edge, -edge].map((value, seq) => ({
    head: head(seq),
    values: [value],
  }))
  for (const [seq, bytes] of encodeAll(schema, ticks).entries()) {
    assert.ok(decoder.decode(bytes, 0, bytes.length, RUN, seq))
    assert.deepEqual([...decoder.values], ticks[seq]?.values)
  }
})

test('a key tick comes after 60 ticks and after a hole in seq', () => {
  const schema = createSchema([gauge('a')], sha256)
  const encoder = new TickEncoder({ schema, run: RUN, intervalMs: 1000 })
  const seqs = [...Array(130).keys(), 135, 136]
  const keys = seqs.filter((seq) => encoder.encode(head(seq), Float64Array.of(seq)).isKey)
  assert.deepEqual(keys, [0, 60, 120, 135])
})

test('the encoder refuses a head or values that it cannot write, and goes on afterwards', () => {
  const schema = createSchema([gauge('a')], sha256)
  const encoder = new TickEncoder({ schema, run: RUN, intervalMs: 1000 })
  const decoder = new TickDecoder(() => schema)
  const decode = (seq: number, value: number): boolean => {
    const { bytes } = encoder.encode(head(seq), Float64Array.of(value))
    return decoder.decode(bytes, 0, bytes.length, RUN, seq)
  }
  assert.ok(decode(0, 1))
  const bad: Partial<TickHead>[] = [
    { seq: -1 },
    { seq: 1.5 },
    { seq: LIMITS.seq },
    { wallMs: -1 },
    { wallMs: 0.5 },
    { wallMs: LIMITS.wallMs + 1 },
    { monoMs: 1.25 },
    { monoMs: -1 },
    { monoMs: Number.NaN },
    { missed: -1 },
  ]
  for (const extra of bad) {
    assert.throws(() => encoder.encode(head(1, extra), Float64Array.of(1)), { code: 'TICK_MALFORMED' })
  }
  assert.throws(() => encoder.encode(head(1), Float64Array.of(1, 2)), { code: 'TICK_MALFORMED' })
  assert.ok(decode(1, 2))
  assert.equal(decoder.values[0], 2)
})

test('a value that has no exact integer becomes none; -0 becomes 0', () => {
  const schema = createSchema([gauge('a'), gauge('b', null), gauge('c', 0.001)], sha256)
  const rows = [
    { head: head(0), values: [2 ** 53, -0, -0.0001] },
    { head: head(1), values: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300] },
  ]
  const decoder = new TickDecoder(() => schema)
  const wanted = [
    [Number.NaN, 0, 0],
    [Number.NaN, Number.NEGATIVE_INFINITY, Number.NaN],
  ]
  for (const [seq, bytes] of encodeAll(schema, rows).entries()) {
    assert.ok(decoder.decode(bytes, 0, bytes.length, RUN, seq))
    assert.deepEqual(
      Array.from(decoder.values, (value) => value + 0),
      wanted[seq],
    )
  }
})

test('a lost tick costs at most the rest of its minute', () => {
  const schema = createSchema([gauge('a'), counter('b')], sha256)
  const ticks = Array.from({ length: 180 }, (_, seq) => ({ head: head(seq), values: [seq % 7, seq * seq] }))
  const encoded = encodeAll(schema, ticks)
  const decoder = new TickDecoder(() => schema)
  const decoded: number[] = []
  for (const [seq, bytes] of encoded.entries()) {
    if (seq === 70) continue
    if (!decoder.decode(bytes, 0, bytes.length, RUN, seq)) continue
    decoded.push(seq)
    assert.deepEqual([...decoder.values], [seq % 7, seq * seq])
  }
  assert.deepEqual(
    decoded,
    [...encoded.keys()].filter((seq) => seq < 70 || seq >= 120),
  )
})

test('a delta tick is not built on another run, on a repeated tick or on another key tick', () => {
  const schema = createSchema([gauge('a')], sha256)
  const [key, delta, next] = encodeAll(
    schema,
    [0, 1, 2].map((seq) => ({ head: head(seq), values: [seq] })),
  )
  assert.ok(key !== undefined && delta !== undefined && next !== undefined)
  const decoder = new TickDecoder(() => schema)
  assert.equal(decoder.decode(delta, 0, delta.length, RUN, 1), false)
  assert.equal(decoder.decode(key, 0, key.length, RUN, 0), true)
  assert.equal(decoder.decode(delta, 0, delta.length, RUN + 1, 1), false)
  assert.equal(decoder.decode(delta, 0, delta.length, RUN, 1), true)
  assert.equal(decoder.decode(delta, 0, delta.length, RUN, 1), false)
  assert.throws(() => decoder.decode(delta, 0, delta.length, RUN, 2), { code: 'TICK_MALFORMED' })
  assert.equal(decoder.decode(next, 0, next.length, RUN, 2), false)
  assert.throws(() => decoder.decode(key, 0, key.length, RUN, 1), { code: 'TICK_MALFORMED' })
  assert.throws(() => decoder.decode(key, 0, key.length, RUN + 1, 0), { code: 'TICK_MALFORMED' })
})

test('a key tick of an unknown schema says which', () => {
  const schema = createSchema([gauge('a')], sha256)
  const [key] = encodeAll(schema, [{ head: head(0), values: [1] }])
  assert.ok(key !== undefined)
  const decoder = new TickDecoder(() => undefined)
  assert.throws(() => decoder.decode(key, 0, key.length, RUN, 0), {
    code: 'SCHEMA_UNKNOWN',
    detail: { schema: schema.id },
  })
})

type Step =
  | { op: 'hold' | 'same' | 'none' | 'reset' }
  | { op: 'by' | 'to'; integer: number }
  | { op: 'float'; float: number }

const EDGE = Number.MAX_SAFE_INTEGER
const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Step>({ op: 'same' }) },
  { weight: 3, arbitrary: fc.constant<Step>({ op: 'hold' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ op: 'none' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ op: 'reset' }) },
  { weight: 6, arbitrary: fc.integer({ min: -300, max: 300 }).map((integer): Step => ({ op: 'by', integer })) },
  { weight: 2, arbitrary: fc.integer().map((integer): Step => ({ op: 'by', integer })) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: -(2 ** 50), max: 2 ** 50 }).map((integer): Step => ({ op: 'by', integer })),
  },
  { weight: 1, arbitrary: fc.maxSafeInteger().map((integer): Step => ({ op: 'to', integer })) },
  { weight: 1, arbitrary: fc.constantFrom(EDGE, -EDGE, 0).map((integer): Step => ({ op: 'to', integer })) },
  { weight: 3, arbitrary: fc.double({ noNaN: true }).map((float): Step => ({ op: 'float', float })) },
)

const RESOLUTIONS = [1, 0.1, 0.01, 0.001, 0.0001, 0.5, 512, 1024, null]

/**
 * The values of one series: multiples of its resolution that a 64-bit float holds exactly enough to find the integer
 * again.
 */
function valuesOf(resolution: number | null, steps: readonly Step[]): number[] {
  const limit = resolution !== null && resolution < 1 ? 2 ** 48 : EDGE
  let integer = 0
  let difference = 0
  let float = 0
  return steps.map((step) => {
    if (step.op === 'none') return Number.NaN
    if (step.op === 'float') float = step.float
    if (resolution === null) return float
    const before = integer
    if (step.op === 'same') integer += difference
    if (step.op === 'by') integer += step.integer
    if (step.op === 'to') integer = step.integer
    if (step.op === 'reset') integer = 0
    integer = Math.min(Math.max(integer, -limit), limit)
    difference = Math.min(Math.max(integer - before, -limit), limit)
    return resolution < 1 ? integer / Math.round(1 / resolution) : integer * resolution
  })
}

const clockStepMs = fc.oneof(
  { weight: 6, arbitrary: fc.constant(1000) },
  { weight: 3, arbitrary: fc.integer({ min: 900, max: 1100 }) },
  { weight: 1, arbitrary: fc.integer({ min: -1e13, max: 1e13 }) },
)

const runArbitrary = fc.integer({ min: 0, max: 150 }).chain((count) =>
  fc.record(
    {
      series: fc.array(
        fc.record({
          kind: fc.constantFrom('gauge' as const, 'counter' as const),
          resolution: fc.constantFrom(...RESOLUTIONS),
          steps: fc.array(stepArbitrary, { minLength: count, maxLength: count, size: 'max' }),
        }),
        { maxLength: 10 },
      ),
      heads: fc.array(
        fc.record({ wallStepMs: clockStepMs, monoStepMs: fc.nat(5000), missed: fc.oneof(fc.constant(0), fc.nat(90)) }),
        { minLength: count, maxLength: count, size: 'max' },
      ),
      run: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
      firstSeq: fc.oneof(fc.nat(200), fc.integer({ min: 0, max: LIMITS.seq - 1000 })),
      firstWallMs: fc.integer({ min: 0, max: LIMITS.wallMs }),
    },
    { noNullPrototype: true },
  ),
)

test('what was encoded is what is decoded, over many key ticks', () => {
  fc.assert(
    fc.property(runArbitrary, ({ series, heads, run, firstSeq, firstWallMs }) => {
      const list = series.map(({ kind, resolution }, i): Series => ({ name: `s${i}`, unit: 'none', kind, resolution }))
      const schema = createSchema(list, sha256)
      const columns = series.map(({ resolution, steps }) => valuesOf(resolution, steps))
      const encoder = new TickEncoder({ schema, run, intervalMs: 1000 })
      const decoder = new TickDecoder((id) => (id === schema.id ? schema : undefined))
      let wallMs = firstWallMs
      let monoMs = 0
      for (const [i, { wallStepMs, monoStepMs, missed }] of heads.entries()) {
        const seq = firstSeq + i
        wallMs = Math.min(Math.max(wallMs + wallStepMs, 0), LIMITS.wallMs)
        monoMs += monoStepMs
        const values = Float64Array.from(columns, (column) => column[i] as number)
        const { bytes, isKey } = encoder.encode({ seq, wallMs, monoMs, missed }, values)
        assert.ok(bytes.length <= LIMITS.tickBytes)
        // Among other bytes, as in a batch.
        const batch = new Uint8Array(bytes.length + 8).fill(0xa5)
        batch.set(bytes, 3)
        assert.equal(decoder.decode(batch, 3, 3 + bytes.length, run, seq), true)
        const decoded = { seq: decoder.seq, wallMs: decoder.wallMs, monoMs: decoder.monoMs, missed: decoder.missed }
        assert.deepEqual(decoded, { seq, wallMs, monoMs, missed })
        assert.equal(decoder.isKey, isKey)
        assert.equal(decoder.intervalMs, 1000)
        assert.deepEqual(
          Array.from(decoder.values, (value) => value + 0),
          Array.from(values, (value) => value + 0),
        )
      }
    }),
    { seed: 1, numRuns: 120 },
  )
})

test('the largest schema with the worst values stays under the limit of a tick', () => {
  const series = Array.from({ length: LIMITS.schemaSeries }, (_, i) => counter(`s${i}`))
  const schema = createSchema(series, sha256)
  const encoder = new TickEncoder({ schema, run: RUN, intervalMs: 1000 })
  const decoder = new TickDecoder(() => schema)
  let wasDelta = false
  for (let seq = 0; seq < 8; seq++) {
    // Still until the expectation is small, then as far as a delta tick goes, up and down.
    const value = seq < 5 ? (seq % 2) * 1 : seq % 2 === 0 ? 2 ** 50 : 1
    const { bytes, isKey } = encoder.encode(head(seq), new Float64Array(series.length).fill(value))
    wasDelta ||= !isKey && bytes.length > 40_000
    assert.ok(bytes.length <= LIMITS.tickBytes, String(bytes.length))
    assert.ok(decoder.decode(bytes, 0, bytes.length, RUN, seq))
    assert.ok(decoder.values.every((decoded) => decoded === value))
  }
  assert.ok(wasDelta)
})
