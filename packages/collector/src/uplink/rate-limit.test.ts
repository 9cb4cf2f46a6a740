import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RateLimit } from './rate-limit.ts'

test('one too many within the period is refused, and none when the oldest is a period ago', () => {
  const rate = new RateLimit(3, 1000)
  assert.deepEqual(
    [0, 400, 800, 900, 999, 1000, 1001, 1400].map((nowMs) => rate.take(nowMs)),
    [true, true, true, false, false, true, false, true],
  )
})
