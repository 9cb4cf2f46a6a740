import assert from 'node:assert/strict'
import { test } from 'node:test'
import { figureOf, quantile } from './figure.ts'
import { figureJson, figureTable } from './figure-table.ts'

test('the value of a figure is the median of its runs', () => {
  assert.deepEqual(figureOf('codec', 'bytes-per-value', [3, 1, 2, 10], 'bytes'), {
    bench: 'codec',
    figure: 'bytes-per-value',
    value: 2.5,
    unit: 'bytes',
    spread: { min: 1, max: 10, runs: 4 },
  })
})

test('a quantile between two numbers lies between them', () => {
  assert.equal(quantile([0, 10], 0.99), 9.9)
  assert.equal(quantile([7], 0.99), 7)
})

test('the table shows the spread of several runs, and whether the target is met', () => {
  const table = figureTable([
    figureOf('codec', 'bytes-per-value', [1.2041], 'bytes', { atMost: 1.35 }),
    figureOf('codec', 'decode-values-per-s', [24_600_000, 29_900_000, 37_100_000], '/s', { atLeast: 30e6 }),
  ])
  assert.deepEqual(table.split('\n'), [
    'codec bytes-per-value      1.204 bytes                              at most 1.35: met',
    'codec decode-values-per-s  29.9 M /s    24.6 M to 37.1 M in 3 runs  at least 30 M: MISSED',
  ])
})

test('scripts get bench, figure and value', () => {
  assert.equal(
    figureJson(figureOf('wire', 'bytes-per-value-10s', [1.5], 'bytes', { atMost: 1.55 })),
    '{"bench":"wire","figure":"bytes-per-value-10s","value":1.5}',
  )
})
