import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { TimeCoverage } from './time-coverage.ts'

function uncovered(spans: readonly (readonly [number, number])[], reachMs: number): [number, number][] {
  const coverage = new TimeCoverage()
  for (const [fromMs, toMs] of spans) coverage.add(fromMs, toMs, reachMs)
  return coverage.uncovered().map(({ fromMs, toMs }) => [fromMs, toMs])
}

test('what lies farther apart than the reach is uncovered', () => {
  assert.deepEqual(uncovered([], 10), [])
  assert.deepEqual(uncovered([[5, 5]], 10), [])
  assert.deepEqual(
    uncovered(
      [
        [0, 0],
        [10, 10],
        [21, 30],
        [40, 40],
      ],
      10,
    ),
    [[10, 21]],
  )
})

test('what came late, and what reaches over others, covers', () => {
  const late = [0, 100, 110, 60, 20, 30, 40, 50].map((ms) => [ms, ms] as const)
  assert.deepEqual(uncovered(late, 10), [
    [0, 20],
    [60, 100],
  ])
  assert.deepEqual(uncovered([...late, [0, 70]], 10), [[70, 100]])
})

test('the order does not matter, however many segments there are', () => {
  const times = Array.from({ length: 20_000 }, (_, i) => i * 10 + (i % 500 === 0 ? 5 : 0)).filter(
    (_, i) => i % 97 !== 0,
  )
  const spans = times.map((ms) => [ms, ms] as const)
  const expected = uncovered(spans, 14)
  assert.ok(expected.length > 200)
  const property = fc.property(fc.integer({ min: 1, max: 9973 }), (factor) => {
    const shuffled = spans.toSorted((a, b) => ((a[0] * factor) % 10_007) - ((b[0] * factor) % 10_007))
    assert.deepEqual(uncovered(shuffled, 14), expected)
  })
  fc.assert(property, { numRuns: 10, seed: 1 })
})
