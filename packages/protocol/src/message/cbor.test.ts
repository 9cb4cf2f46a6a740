import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LIMITS } from '../limits.ts'
import { decodeCborMap, encodeCbor } from './cbor.ts'

const MALFORMED = { code: 'MESSAGE_MALFORMED' }
const LARGE = LIMITS.framePayloadBytes - 100

/** A map { a: 1, z: item } with these bytes as the item. */
const around = (...item: (number | Uint8Array)[]): Uint8Array => {
  const parts = [
    Uint8Array.of(0xa2, 0x61, 0x61, 1, 0x61, 0x7a),
    ...item.map((one) => (typeof one === 'number' ? [one] : one)),
  ]
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.length
  }
  return bytes
}
const repeated = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte)
const hex = (text: string): Uint8Array => Uint8Array.fromHex(text.replaceAll(' ', ''))

test('objects of numbers, text, bytes, lists and objects come back', () => {
  const leaf = fc.oneof(
    fc.maxSafeInteger(),
    fc.double({ noNaN: true }),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.uint8Array({ maxLength: 40 }),
    fc.boolean(),
    fc.constant(null),
  )
  const key = fc.string({ maxLength: 8 }).filter((text) => text !== '__proto__')
  const item = fc.oneof(leaf, fc.array(leaf, { maxLength: 30 }), fc.dictionary(key, leaf, { noNullPrototype: true }))
  fc.assert(
    fc.property(fc.dictionary(key, item, { noNullPrototype: true }), (value) => {
      // A whole number of 8 bytes comes back as a BigInt, which Fields accepts; -0 as 0.
      const plain = (one: unknown): unknown =>
        typeof one === 'bigint' ? Number(one) : typeof one === 'number' ? one + 0 : one
      const flat = (one: unknown): unknown => {
        if (Array.isArray(one)) return one.map(plain)
        if (typeof one !== 'object' || one === null || one instanceof Uint8Array) return plain(one)
        return Object.fromEntries(Object.entries(one).map(([name, inner]) => [name, plain(inner)]))
      }
      const decoded = Object.entries(decodeCborMap(encodeCbor(value))).map(([name, one]) => [name, flat(one)])
      assert.deepEqual(
        decoded,
        Object.entries(value).map(([name, one]) => [name, flat(one)]),
      )
    }),
    { seed: 8, numRuns: 300 },
  )
})

test('what other encoders may write is read: long heads, indefinite lists and maps, short floats', () => {
  assert.deepEqual(decodeCborMap(hex('bf 61 61 9f 01 1a 00000002 ff ff')), { a: [1, 2] })
  assert.deepEqual(decodeCborMap(hex('b9 0001 78 01 61 f9 3c00')), { a: 1 })
  assert.deepEqual(decodeCborMap(hex('a2 61 61 f6 61 62 f5')), { a: null, b: true })
})

test('a tag is refused, whatever it stands for', () => {
  const tags: Record<string, Uint8Array> = {
    'text date': around(hex('c0 60')),
    'unix date': around(hex('c1 01')),
    'decimal fraction': around(hex('c4 82 1a 7fffffff 01')),
    'regular expression': around(hex('d8 1b 83 66 526567457870 66 28612b292b24 60')),
    'shared value': around(hex('d8 1c 81 d8 1d 00')),
    set: around(hex('d9 0102 81 01')),
    map: around(hex('d9 0103 a0')),
    record: around(hex('d8 69 83 82 61 61 61 62 01 02')),
    'record definition': around(hex('d9 dfff 83 19 e000 81 61 61 01')),
    'bundled strings': hex('d9 dff9 83 04 01 01 61 61 61 61'),
    'typed array': around(hex('d8 40 41 00')),
    'embedded cbor': around(hex('d8 18 41 00')),
    'self description': hex('d9 d9f7 a0'),
    'packed reference': around(hex('c6 00')),
  }
  for (const [name, bytes] of Object.entries(tags)) assert.throws(() => decodeCborMap(bytes), MALFORMED, name)
})

test('a bignum as long as a frame is refused before it is computed', () => {
  // Computing it takes most of a minute: the test would not end.
  for (const tag of [0xc2, 0xc3]) {
    const bytes = around(tag, 0x5a, 0, LARGE >>> 16, (LARGE >>> 8) & 255, LARGE & 255, repeated(LARGE, 255))
    assert.throws(() => decodeCborMap(bytes), MALFORMED)
  }
})

test('nesting is bounded', () => {
  const nested = (depth: number, byte: number): Uint8Array => around(repeated(depth, byte), 0)
  assert.deepEqual(decodeCborMap(nested(6, 0x81))['z'], [[[[[[0]]]]]])
  for (const byte of [0x81, 0x9f]) {
    for (const depth of [7, 100, LARGE]) assert.throws(() => decodeCborMap(nested(depth, byte)), MALFORMED)
  }
  assert.throws(() => decodeCborMap(around(repeated(LARGE, 0xd7), 0)), MALFORMED)
  assert.throws(
    () => decodeCborMap(Uint8Array.from({ length: 60_000 }, (_, i) => (i % 2 === 0 ? 0xa1 : 0x60))),
    MALFORMED,
  )
})

test('forged lengths are refused before they are believed', () => {
  for (const text of ['ba ffffffff', 'bb ffffffffffffffff', 'bb 0000000100000000', 'b8 ff', 'bf', 'bf 61']) {
    assert.throws(() => decodeCborMap(hex(text)), MALFORMED, text)
  }
  for (const text of [
    '9a ffffffff',
    '9b 0000000000004000',
    '7a ffffffff',
    '5a 7fffffff',
    '9a 00004000',
    '7b 8000000000000000',
  ]) {
    assert.throws(() => decodeCborMap(around(hex(text))), MALFORMED, text)
  }
  // Each list is as long as all that is left, but they are not there together.
  const nested = Uint8Array.of(0xa1, 0x61, 0x61, ...Array(6).fill([0x99, 0x20, 0]).flat(), ...new Uint8Array(8192))
  assert.throws(() => decodeCborMap(nested), MALFORMED)
})

test('a map with too many keys and a list with too many items are refused', () => {
  const entries = Array.from({ length: 300 }, (_, i) => [0x62, 0x41 + (i >>> 4), 0x41 + (i & 15), 0])
  assert.throws(() => decodeCborMap(Uint8Array.of(0xb9, 1, 44, ...entries.flat())), MALFORMED)
  assert.throws(() => decodeCborMap(around(0x99, 0x40, 1, new Uint8Array(0x4001))), MALFORMED)
})

test('keys that are not text, and what no CBOR has, are refused', () => {
  for (const text of ['a1 01 02', 'a1 80 02', 'a1 41 61 02', 'a1 f6 02', 'a1 fb 3ff0000000000000 00']) {
    assert.throws(() => decodeCborMap(hex(text)), MALFORMED, text)
  }
  for (const text of ['1c', '1f', '3f', 'f8 20', 'fc', 'ff', '7f 61 61 ff', '5f 41 61 ff', '']) {
    assert.throws(() => decodeCborMap(around(hex(text))), MALFORMED, text)
  }
})

test('anything but one map is refused', () => {
  for (const text of ['', '80', '00', '60', '40', 'f6', 'f5', 'a0 00', 'a0 a0', 'fb 7ff8000000000000']) {
    assert.throws(() => decodeCborMap(hex(text)), MALFORMED, text)
  }
})

test('of a key that comes twice the last counts, and __proto__ is no prototype', () => {
  assert.deepEqual(decodeCborMap(hex('a2 61 61 01 61 61 02')), { a: 2 })
  const evil = decodeCborMap(hex('a1 69 5f5f70726f746f5f5f a1 61 61 01'))
  assert.equal(Object.getPrototypeOf(evil), Object.prototype)
  assert.equal('a' in evil, false)
  assert.equal('a' in {}, false)
})

test('a hostile message leaves nothing behind for the next one', () => {
  const wanted = { a: 1, list: [1, 2], text: 'x'.repeat(100) }
  for (const text of ['a1 61 61 9a 00004000', 'd8 69 83', 'a1 61', 'bf 61 61 9f 9f 9f']) {
    assert.throws(() => decodeCborMap(hex(text)), MALFORMED)
    assert.deepEqual(decodeCborMap(encodeCbor(wanted)), wanted)
  }
})
