import assert from 'node:assert/strict'
import { test } from 'node:test'
import { strokedSpans } from './layer-stroke.ts'

test('a layer is stroked where it has a height, from where it begins to where it ends', () => {
  const below = [1, 1, 1, 1, 1, 1, 1, 1]
  const layer = [1, 1, 2, 2, 1, 1, 1, 1.5]
  assert.deepEqual(strokedSpans(layer, below, 0.1, 0, 7), [
    [1, 4],
    [6, 7],
  ])
})

test('a layer without a height that one could see is not stroked at all', () => {
  assert.deepEqual(strokedSpans([1, 1.05, 1], [1, 1, 1], 0.1, 0, 2), [])
})

test('the stroke breaks in a hole', () => {
  assert.deepEqual(strokedSpans([1, 1, null, null, 1], [0, 0, null, null, 0], 0.1, 0, 4), [
    [0, 1],
    [4, 4],
  ])
})
