import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Gap } from './gap.ts'
import { GapList, MAX_GAPS } from './gap-list.ts'
import { joinNearest } from './join-nearest.ts'

const gap = (lo: number, fromMs: number, toMs: number): Gap => {
  return { run: '00000000002a', lo, hi: lo, fromMs, toMs, cause: 'lost' }
}

test('as many gaps as an answer may have stay as they are, by time', () => {
  const list = new GapList()
  for (let i = MAX_GAPS; i > 0; i--) list.push(gap(i, i * 10, i * 10 + 1))
  const gaps = list.finish()
  assert.equal(gaps.length, MAX_GAPS)
  assert.deepEqual(gaps[0], gap(1, 10, 11))
  assert.equal(list.isTruncated, false)
})

test('of more gaps those that are nearest to each other become one, and none of their time is left out', () => {
  const list = new GapList()
  for (let i = 0; i < 200_000; i++) list.push(gap(i, i * 10, i * 10 + 1))
  list.push(gap(9_000_000, 90_000_000, 90_000_001))
  const gaps = list.finish()
  assert.ok(gaps.length <= MAX_GAPS)
  assert.equal(list.isTruncated, true)
  assert.deepEqual([gaps[0]?.fromMs, gaps.at(-2)?.toMs, gaps.at(-1)?.lo], [0, 1_999_991, 9_000_000])
  assert.equal(gaps[0]?.lo, 0)
})

test('exactly so many are left, of equal spaces too', () => {
  const even = Array.from({ length: 100 }, (_, i) => ({ fromMs: i * 10, toMs: i * 10 + 1 }))
  const joined = joinNearest(even, 7, (a, b) => ({ fromMs: a.fromMs, toMs: b.toMs }))
  assert.equal(joined.length, 7)
  assert.deepEqual([joined[0]?.fromMs, joined.at(-1)?.toMs], [0, 991])
})
