import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type RangeRule, valueRange } from './value-range.ts'

const RULE: RangeRule = { unit: 'none', top: undefined, softTop: undefined, mirrored: false, floating: false }

test('a fixed top is kept, unless it is zero', () => {
  assert.deepEqual(valueRange({ ...RULE, top: 1 }, 0, 0.3), [0, 1])
  assert.deepEqual(valueRange({ ...RULE, top: 0 }, 0, 0), [0, 1.2])
})

test('data always lies within the range, and the top is at most twice as high', () => {
  fc.assert(
    fc.property(fc.double({ min: 1.1, max: 1e12, noNaN: true }), fc.constantFrom('none', 'bytes'), (max, unit) => {
      const [bottom, top] = valueRange({ ...RULE, unit }, 0, max)
      assert.equal(bottom, 0)
      assert.ok(top >= max && top <= max * 2.2)
    }),
  )
})

test('what is mirrored has room below', () => {
  const [bottom, top] = valueRange({ ...RULE, mirrored: true, softTop: 10 }, -200, 3)
  assert.ok(bottom <= -200 && top >= 10)
})

test('a floating range leaves out zero and is never narrower than ten units', () => {
  assert.deepEqual(valueRange({ ...RULE, floating: true }, 52, 52.5), [45, 60])
})

test('without data there is still an axis', () => {
  assert.deepEqual(valueRange(RULE, null, null), [0, 1.2])
})
