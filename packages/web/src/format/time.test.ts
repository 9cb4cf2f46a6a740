import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatAgo, formatClock, formatDuration, formatSpan, formatTimeAxis, timeTicks } from './time.ts'

const noonMs = new Date(2026, 10, 23, 12, 3, 10).getTime()

test('a tick that is on its way for two seconds is now', () => {
  assert.equal(formatAgo(noonMs - 2000, noonMs), 'now')
})

test('a collector whose clock is ahead is now, not in the future', () => {
  assert.equal(formatAgo(noonMs + 60_000, noonMs), 'now')
})

test('age is told in one unit', () => {
  assert.equal(formatAgo(noonMs - 12_400, noonMs), '12 s ago')
  assert.equal(formatAgo(noonMs - 200_000, noonMs), '3 min ago')
  assert.equal(formatAgo(noonMs - 3 * 3_600_000, noonMs), '3 h ago')
  assert.equal(formatAgo(noonMs - 4 * 86_400_000, noonMs), '4 d ago')
  assert.equal(formatAgo(null, noonMs), 'never')
})

test('a duration has its two largest parts and leaves out zeros', () => {
  assert.equal(formatDuration(192_000), '3 min 12 s')
  assert.equal(formatDuration(3_600_000), '1 h')
  assert.equal(formatDuration(300), '0 s')
})

test('a span of today has no date', () => {
  assert.equal(formatSpan(noonMs, noonMs + 5000, noonMs), '12:03:10 – 12:03:15')
  assert.equal(formatSpan(noonMs - 86_400_000, noonMs - 86_395_000, noonMs), '22 Nov 12:03:10 – 12:03:15')
})

test('an axis shows seconds only where ticks need them, and the date at midnight', () => {
  assert.deepEqual(formatTimeAxis([noonMs], 10_000), [formatClock(noonMs)])
  assert.deepEqual(formatTimeAxis([noonMs], 60_000), ['12:03'])
  assert.deepEqual(formatTimeAxis([new Date(2026, 10, 24).getTime()], 3_600_000), ['24 Nov'])
})

test('ticks of a time axis stand at round local times', () => {
  const ticks = timeTicks(noonMs, noonMs + 20 * 60_000, 5 * 60_000)
  assert.deepEqual(ticks.map(formatClock), ['12:05:00', '12:10:00', '12:15:00', '12:20:00'])
})
