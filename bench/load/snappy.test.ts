import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { snappyCompress } from './snappy.ts'

test('repeated bytes become one literal and one copy', () => {
  const compressed = snappyCompress(Buffer.from('abcdabcdabcdxyz'))
  assert.equal(Buffer.from(compressed).toString('hex'), '0f0c6162636411040878797a')
})

test('nothing is one byte', () => {
  assert.deepEqual([...snappyCompress(new Uint8Array())], [0])
})

test('what is compressed comes back', () => {
  const alike = fc.uint8Array({ max: 3, maxLength: 2000 })
  const unlike = fc.uint8Array({ maxLength: 2000 })
  const repeated = fc
    .tuple(unlike, fc.integer({ min: 1, max: 20 }))
    .map(([bytes, times]) => Uint8Array.from(Array.from({ length: times }, () => [...bytes]).flat()))
  fc.assert(
    fc.property(fc.oneof(alike, unlike, repeated), (bytes) => {
      assert.deepEqual(decompress(snappyCompress(bytes)), bytes)
    }),
  )
})

test('more than a block is refused', () => {
  assert.throws(() => snappyCompress(new Uint8Array(0x1_0001)), RangeError)
})

function decompress(bytes: Uint8Array): Uint8Array {
  let at = 0
  const next = (): number => bytes[at++] as number
  let length = 0
  for (let shift = 0, more = true; more; shift += 7) {
    const byte = next()
    length |= (byte & 0x7f) << shift
    more = byte > 0x7f
  }
  const output: number[] = []
  while (at < bytes.length) {
    const tag = next()
    const kind = tag & 3
    if (kind === 0) {
      let last = tag >> 2
      if (last === 60) last = next()
      else if (last === 61) last = next() | (next() << 8)
      for (let i = 0; i <= last; i++) output.push(next())
      continue
    }
    const count = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1
    const offset = kind === 1 ? ((tag >> 5) << 8) | next() : next() | (next() << 8)
    for (let i = 0; i < count; i++) output.push(output[output.length - offset] as number)
  }
  assert.equal(output.length, length)
  return Uint8Array.from(output)
}
