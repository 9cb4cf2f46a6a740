import assert from 'node:assert/strict'
import { test } from 'node:test'
import { axisIncrements, formatAxis, formatParts, formatValue } from './value.ts'

test('a ratio is written in percent with one decimal below 100', () => {
  assert.equal(formatValue(0.3421, 'ratio'), '34.2\u202f%')
  assert.equal(formatValue(1, 'ratio'), '100\u202f%')
})

test('bytes take binary prefixes and stay within four digits', () => {
  assert.deepEqual(formatParts(0, 'bytes'), { number: '0', unit: 'B' })
  assert.deepEqual(formatParts(1024, 'bytes'), { number: '1.00', unit: 'KiB' })
  assert.deepEqual(formatParts(1023, 'bytes'), { number: '1023', unit: 'B' })
  assert.deepEqual(formatParts(1.25 * 2 ** 30, 'bytes'), { number: '1.25', unit: 'GiB' })
  assert.deepEqual(formatParts(153.4 * 2 ** 20, 'bytes-per-s'), { number: '153', unit: 'MiB/s' })
})

test('a rate below one is not rounded to nothing', () => {
  assert.deepEqual(formatParts(0.25, 'count-per-s'), { number: '0.25', unit: '/s' })
})

test('no value is a dash without a unit', () => {
  for (const none of [null, undefined, Number.NaN]) assert.equal(formatValue(none, 'bytes'), '–')
})

test('all labels of an axis have the prefix of the largest', () => {
  assert.deepEqual(formatAxis([0, 524_288, 1_048_576], 'bytes'), ['0', '0.5\u202fMiB', '1\u202fMiB'])
})

test('what lies below the axis has no sign', () => {
  assert.deepEqual(formatAxis([-2048, 0, 2048], 'bytes-per-s'), ['2\u202fKiB/s', '0', '2\u202fKiB/s'])
})

test('increments ascend', () => {
  for (const unit of ['bytes', 'ratio', 'count', 'none'] as const) {
    const increments = axisIncrements(unit)
    assert.deepEqual(
      increments,
      increments.toSorted((a, b) => a - b),
    )
  }
})
