import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'

const reading = (hex: string): ByteReader => new ByteReader(Uint8Array.fromHex(hex), 'BATCH_MALFORMED')

test('numbers have these bytes', () => {
  const writer = new ByteWriter(1)
  writer.u8(255)
  writer.u48(0x0123456789ab)
  writer.f64(-1.5)
  for (const value of [0, 127, 128, Number.MAX_SAFE_INTEGER]) writer.varint(value)
  for (const value of [0, 1, -1, 63, -64, Number.MIN_SAFE_INTEGER]) writer.signed(value)
  assert.equal(
    writer.written().toHex(),
    `ff0123456789abbff8000000000000${'007f8001ffffffffffffff0f'}${'0002037e8101'}${'ffffffffffffff1f'}`,
  )
})

test('what was written is what is read', () => {
  const number = fc.oneof(
    fc.record({ as: fc.constant('u8' as const), value: fc.nat(255) }),
    fc.record({ as: fc.constant('u48' as const), value: fc.maxSafeNat().map((value) => value % 2 ** 48) }),
    fc.record({ as: fc.constant('f64' as const), value: fc.double() }),
    fc.record({ as: fc.constant('varint' as const), value: fc.oneof(fc.maxSafeNat(), fc.nat(300)) }),
    fc.record({
      as: fc.constant('signed' as const),
      value: fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -99, max: 99 })),
    }),
  )
  fc.assert(
    fc.property(fc.array(number), (numbers) => {
      const writer = new ByteWriter(0)
      for (const { as, value } of numbers) writer[as](value)
      const reader = new ByteReader(writer.written(), 'BATCH_MALFORMED')
      for (const { as, value } of numbers) assert.ok(Object.is(reader[as](), as === 'f64' ? value : value + 0))
      assert.equal(reader.remainingBytes, 0)
    }),
    { seed: 3, numRuns: 300 },
  )
})

test('a read past the end throws the code of the reader, also before the end of the bytes', () => {
  for (const read of [
    (reader: ByteReader) => reader.u8(),
    (reader: ByteReader) => reader.u48(),
    (reader: ByteReader) => reader.f64(),
    (reader: ByteReader) => reader.varint(),
    (reader: ByteReader) => reader.signed(),
    (reader: ByteReader) => reader.take(5),
  ]) {
    const bytes = new Uint8Array(16).fill(0xff)
    assert.throws(() => read(new ByteReader(bytes, 'SCHEMA_MALFORMED', 5, 5)), { code: 'SCHEMA_MALFORMED' })
  }
})

test('a number over 2^53 - 1 or of too many bytes is refused', () => {
  for (const hex of ['ffffffffffffff1f', '8080808080808010', '808080808080808000', 'ffffffffffffffffffffff01']) {
    assert.throws(() => reading(hex).varint(), { code: 'BATCH_MALFORMED' }, hex)
  }
  for (const hex of ['ffffffffffffff3f', '80ffffffffffffff0f']) {
    assert.throws(() => reading(hex).signed(), { code: 'BATCH_MALFORMED' }, hex)
  }
})

test('a negative zero is read as zero', () => {
  assert.ok(Object.is(reading('01').signed(), 0))
})
