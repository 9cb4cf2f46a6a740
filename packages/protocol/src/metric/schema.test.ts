import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { ProtocolError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { METRICS } from './catalogue.ts'
import { createSchema, decodeSchema } from './schema.ts'
import { formatSeriesName, type Series, seriesOf } from './series.ts'

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())
const decodeHex = (hex: string): ReturnType<typeof decodeSchema> =>
  decodeSchema(Uint8Array.fromHex(hex.replaceAll(' ', '')), sha256)

const SERIES: Series[] = [
  seriesOf('cpu_user_ratio'),
  seriesOf('cpu_user_ratio', { cpu: '0' }),
  seriesOf('disk_read_bytes_total', { device: 'sda' }),
  { name: 'f', unit: 'none', kind: 'gauge', resolution: null },
]

test('a schema has these bytes, and its id is the front of their SHA-256', () => {
  const schema = createSchema(SERIES, sha256)
  const text = (ascii: string): string => new TextEncoder().encode(ascii).toHex()
  assert.equal(
    schema.bytes.toHex(),
    // Names share 0, 14, 0 and 0 bytes with the one before; 0.001 is 1 × 10^-3, 512 is 80 04 × 10^0.
    `0104${`000e${text('cpu_user_ratio')}00010103`}${`0e09${text('{cpu="0"}')}00010103`}` +
      `${`0023${text('disk_read_bytes_total{device="sda"}')}0102800400`}${'0001660200'}`,
  )
  assert.equal(schema.id, sha256(schema.bytes).toHex().slice(0, 16))
})

test('what was encoded is what is decoded, with the same id', () => {
  const series = fc.record(
    {
      name: fc
        .tuple(
          fc.stringMatching(/^[a-z_][a-z0-9_]{0,12}$/),
          fc.dictionary(fc.stringMatching(/^[a-z_][a-z0-9_]{0,4}$/), fc.string({ unit: 'binary', maxLength: 5 }), {
            maxKeys: 3,
          }),
        )
        .map(([metric, labels]) => formatSeriesName(metric, labels)),
      unit: fc.constantFrom(...new Set(METRICS.map((metric) => metric.unit))),
      kind: fc.constantFrom('gauge' as const, 'counter' as const),
      resolution: fc.constantFrom(null, 1, 3, 512, 1024, 2 ** 40, 0.5, 0.25, 0.1, 0.001, 0.000125, 1e-9),
    },
    { noNullPrototype: true },
  )
  const list = fc.uniqueArray(series, { selector: ({ name }) => name, maxLength: 20 })
  fc.assert(
    fc.property(list, (wanted) => {
      const schema = createSchema(wanted, sha256)
      assert.deepEqual(decodeSchema(schema.bytes, sha256), schema)
      // Equal lists have equal bytes.
      assert.equal(createSchema(structuredClone(wanted), sha256).id, schema.id)
    }),
    { seed: 9, numRuns: 200 },
  )
})

test('the order, the unit, the kind and the resolution are part of the id', () => {
  const [first, second, ...others] = SERIES as [Series, Series, ...Series[]]
  const lists: Series[][] = [
    SERIES,
    [second, first, ...others],
    [{ ...first, kind: 'counter' }, second, ...others],
    [{ ...first, unit: 'none' }, second, ...others],
    [{ ...first, resolution: 0.01 }, second, ...others],
    [first, second],
    [],
  ]
  assert.equal(new Set(lists.map((list) => createSchema(list, sha256).id)).size, lists.length)
})

test('every proper prefix and every byte too many is malformed', () => {
  const { bytes } = createSchema(SERIES, sha256)
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => decodeSchema(bytes.subarray(0, length), sha256), { code: 'SCHEMA_MALFORMED' }, String(length))
  }
  assert.throws(() => decodeSchema(Uint8Array.of(...bytes, 0), sha256), { code: 'SCHEMA_MALFORMED' })
})

test('after a flipped bit the schema is refused, or is another one with another id', () => {
  const { bytes, id } = createSchema(SERIES, sha256)
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = bytes.slice()
    flipped[bit >>> 3] = (flipped[bit >>> 3] as number) ^ (0x80 >>> (bit & 7))
    try {
      const schema = decodeSchema(flipped, sha256)
      assert.notEqual(schema.id, id)
      assert.deepEqual(createSchema(schema.series, sha256), schema)
    } catch (error) {
      assert.ok(error instanceof ProtocolError, String(error))
    }
  }
})

test('bytes that are not the canonical ones of their list are malformed', () => {
  const valid = '01 02 00 02 6161 00 00 01 00 01 01 62 00 00 01 00'
  assert.deepEqual(
    decodeHex(valid).series.map(({ name }) => name),
    ['aa', 'ab'],
  )
  for (const hex of [
    // Nothing shared where one byte is.
    '01 02 00 02 6161 00 00 01 00 00 02 6162 00 00 01 00',
    // A count in two bytes.
    '01 8200 00 02 6161 00 00 01 00 01 01 62 00 00 01 00',
    // A resolution of 10 × 10^-1.
    '01 01 00 01 61 00 00 0a 01',
    // Version 2, a flag, a unit and a shared prefix that there are not.
    '02 00',
    '01 01 00 01 61 04 00 01 00',
    '01 01 00 01 61 00 08 01 00',
    '01 01 01 01 61 00 00 01 00',
  ]) {
    assert.throws(() => decodeHex(hex), { code: 'SCHEMA_MALFORMED' }, hex)
  }
})

test('a name or a resolution that no series has is invalid', () => {
  for (const hex of [
    // An empty name, one with a space, one of byte ff.
    '01 01 00 00 00 00 01 00',
    '01 01 00 01 20 00 00 01 00',
    '01 01 00 01 ff 00 00 01 00',
    // A resolution of 0, of 0.3, of 2^53 - 1, of 1e-10, of 1e-255.
    '01 01 00 01 61 00 00 00 00',
    '01 01 00 01 61 00 00 03 01',
    '01 01 00 01 61 00 00 ffffffffffffff0f 00',
    '01 01 00 01 61 00 00 01 0a',
    '01 01 00 01 61 00 00 01 ff',
  ]) {
    assert.throws(() => decodeHex(hex), { code: 'METRIC_INVALID' }, hex)
  }
})

test('a series that comes twice is refused', () => {
  const [first] = SERIES as [Series]
  assert.throws(() => createSchema([first, first], sha256), { code: 'METRIC_INVALID' })
  assert.throws(() => decodeHex('01 02 00 01 61 00 00 01 00 01 00 00 00 01 00'), { code: 'METRIC_INVALID' })
})

test('a schema over a limit is refused, whoever makes it', () => {
  const many = Array.from(
    { length: LIMITS.schemaSeries + 1 },
    (_, i): Series => ({ ...(SERIES[0] as Series), name: `s${i}` }),
  )
  assert.throws(() => createSchema(many, sha256), { code: 'SCHEMA_TOO_LARGE' })
  assert.equal(decodeSchema(createSchema(many.slice(1), sha256).bytes, sha256).series.length, LIMITS.schemaSeries)
  // Names that share nothing.
  const long = many
    .slice(1)
    .map((series, i) => ({ ...series, name: `${i.toString(36).replace(/^[0-9]/, '_$&')}${'x'.repeat(200)}` }))
  assert.throws(() => createSchema(long, sha256), { code: 'SCHEMA_TOO_LARGE' })
  assert.throws(() => decodeHex('01 ffffff07'), { code: 'SCHEMA_TOO_LARGE' })
  assert.throws(() => decodeSchema(new Uint8Array(LIMITS.schemaBytes + 1), sha256), { code: 'SCHEMA_TOO_LARGE' })
  assert.throws(() => decodeHex('01 01 00 ffffffffffffff0f'), { code: 'SCHEMA_MALFORMED' })
})

test('random bytes give a schema or a ProtocolError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(20), (garbage, keep) => {
      try {
        decodeSchema(Uint8Array.of(...createSchema(SERIES, sha256).bytes.subarray(0, keep), ...garbage), sha256)
      } catch (error) {
        assert.ok(error instanceof ProtocolError, String(error))
      }
    }),
    { seed: 10, numRuns: 500 },
  )
})
