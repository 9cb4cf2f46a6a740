import assert from 'node:assert/strict'
import { test } from 'node:test'
import { routeOf } from './router.ts'

test('paths lead to pages', () => {
  assert.deepEqual(routeOf('/'), { page: 'fleet' })
  assert.deepEqual(routeOf('/collectors/0198f3a2-1b2c'), { page: 'collector', id: '0198f3a2-1b2c' })
  assert.deepEqual(routeOf('/collectors/a/b'), { page: 'unknown' })
})
