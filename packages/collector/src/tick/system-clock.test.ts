import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { SystemClock } from './system-clock.ts'

test('times are whole milliseconds and the monotonic one never goes back', () => {
  const clock = new SystemClock()
  let before = clock.monoMs()
  for (let i = 0; i < 10_000; i++) {
    const now = clock.monoMs()
    assert.ok(Number.isInteger(now) && now >= before)
    before = now
  }
  assert.ok(Number.isInteger(clock.wallMs()))
})

test('the jitter between the two clocks does not show', (context) => {
  const clock = new SystemClock()
  context.mock.method(performance, 'now', () => 5000.9)
  const wall = context.mock.method(Date, 'now', () => 1_800_000_000_000)
  assert.equal(clock.wallMs(), 1_800_000_000_000)
  for (const jitterMs of [1, 0, -1, 1]) {
    wall.mock.mockImplementation(() => 1_800_000_000_000 + jitterMs)
    assert.equal(clock.wallMs(), 1_800_000_000_000)
  }
  wall.mock.mockImplementation(() => 1_800_000_000_002)
  assert.equal(clock.wallMs(), 1_800_000_000_002)
  wall.mock.mockImplementation(() => 1_700_000_000_000)
  assert.equal(clock.wallMs(), 1_700_000_000_000)
})

test('a timer calls back, and not once it is disposed of', async () => {
  const clock = new SystemClock()
  const events = new EventTarget()
  const fired = once(events, 'later')
  const never = clock.setTimer(1, assert.fail)
  never[Symbol.dispose]()
  clock.setTimer(5, () => events.dispatchEvent(new Event('later')))
  await fired
})
