import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServerError } from '../errors.ts'
import { DamageWatch } from './damage-watch.ts'
import { TestSite } from './test-site.ts'

test('damage that any answer meets is remembered and told once; other failures are not it', async () => {
  const site = new TestSite()
  const damage = new DamageWatch(site.log)
  const query = damage.overQuery(site.query)
  const range = { fromMs: 0, toMs: 1 }
  site.query.runs = async () => Promise.reject(new ServerError('STORE_FAILED'))
  await assert.rejects(query.runs(1), { code: 'STORE_FAILED' })
  assert.equal(damage.code, null)
  site.query.exportTicks = async function* () {
    yield new Uint8Array(1)
    throw new ServerError('STORE_CORRUPT')
  }
  const pieces = query.exportTicks(1, range, 'csv')
  await pieces.next()
  await assert.rejects(async () => pieces.next(), { code: 'STORE_CORRUPT' })
  assert.equal(damage.code, 'STORE_CORRUPT')
  site.query.gaps = async () => Promise.reject(new ServerError('STORE_CORRUPT'))
  await assert.rejects(query.gaps(1, range), { code: 'STORE_CORRUPT' })
  assert.deepEqual(site.logged, ['error store STORE_CORRUPT: the database is damaged'])
})
