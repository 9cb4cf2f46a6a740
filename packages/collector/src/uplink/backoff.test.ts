import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Backoff } from './backoff.ts'

test('the span doubles from a second up to the cap, and the floor is never passed', () => {
  const longest = new Backoff(300_000, () => 1)
  assert.deepEqual(
    Array.from({ length: 11 }, () => longest.nextMs(0)),
    [1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000],
  )
  const shortest = new Backoff(300_000, () => 0)
  assert.deepEqual(
    Array.from({ length: 5 }, () => shortest.nextMs(0)),
    [250, 250, 250, 250, 250],
  )
})

test('only a healthy minute brings the span back', () => {
  const backoff = new Backoff(300_000, () => 1)
  for (let i = 0; i < 5; i++) backoff.nextMs(0)
  assert.equal(backoff.nextMs(59_999), 32_000)
  assert.equal(backoff.nextMs(60_000), 1000)
})

test('a wait that was asked for is kept, and spread over as much again', () => {
  assert.equal(new Backoff(1000, () => 0).askedMs(5000, 0), 5000)
  assert.equal(new Backoff(1000, () => 1).askedMs(5000, 0), 10_000)
  assert.equal(new Backoff(1000, () => 0).askedMs(0, 0), 250)
})

test('a server that asks for no wait again and again is waited for longer and longer', () => {
  const backoff = new Backoff(300_000, () => 1)
  assert.deepEqual(
    [0, 0, 0, 60_000].map((healthyMs) => backoff.askedMs(0, healthyMs)),
    [1000, 2000, 4000, 1000],
  )
})

test('every wait lies between the floor and the cap', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(120_000)), fc.double({ min: 0, max: 1, noNaN: true }), (healthy, random) => {
      const backoff = new Backoff(60_000, () => random)
      for (const healthyMs of healthy) {
        const waitMs = backoff.nextMs(healthyMs)
        assert.ok(waitMs >= 250 && waitMs <= 60_000)
      }
    }),
  )
})
