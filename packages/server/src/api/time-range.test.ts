import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTimeRange } from './time-range.ts'

const NOW_MS = Date.parse('2026-01-02T03:04:05Z')

test('times are unix ms or RFC 3339 with any offset and fraction', () => {
  const expected = Date.parse('2026-01-02T03:00:00.5Z')
  const texts = [
    '2026-01-02T03:00:00.5Z',
    '2026-01-02t05:00:00.500+02:00',
    '2026-01-02T05:00:00.5 02:00',
    `${expected}`,
  ]
  for (const from of texts) assert.equal(parseTimeRange({ from }, NOW_MS).fromMs, expected, from)
})

test('the default is the last five minutes, and never before 1970', () => {
  assert.deepEqual(parseTimeRange({}, NOW_MS), { fromMs: NOW_MS - 300_000, toMs: NOW_MS })
  assert.deepEqual(parseTimeRange({ to: '1000' }, NOW_MS), { fromMs: 0, toMs: 1000 })
})

test('one moment is a range; a reversed range and what is no time are refused', () => {
  assert.deepEqual(parseTimeRange({ from: '5', to: '5' }, NOW_MS), { fromMs: 5, toMs: 5 })
  const bad = ['-1', '1e3', '2026-01-02', '2026-01-02T03:00:00', '2026-02-30T99:00:00Z', 'now', '999999999999999', ' 5']
  for (const to of bad) assert.throws(() => parseTimeRange({ from: '0', to }, NOW_MS), { code: 'RANGE_INVALID' }, to)
  assert.throws(() => parseTimeRange({ from: '6', to: '5' }, NOW_MS), { code: 'RANGE_INVALID' })
})
