import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BoundedCache } from './bounded-cache.ts'

test('what was used longest ago goes when the cost is too high; the newest stays', () => {
  const cache = new BoundedCache<string, number>(10)
  cache.set('a', 1, 4)
  cache.set('b', 2, 4)
  assert.equal(cache.get('a'), 1)
  cache.set('c', 3, 4)
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => cache.get(key)),
    [1, undefined, 3],
  )
  cache.set('c', 4, 100)
  assert.deepEqual([cache.get('a'), cache.get('c'), cache.cost], [undefined, 4, 100])
})
