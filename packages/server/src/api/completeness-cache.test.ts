import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServerError } from '../errors.ts'
import { ROW, START_MS, startedSite, TestSite } from './test-site.ts'

test('completeness is unknown where no tick was due', async (t) => {
  const site = await startedSite(t)
  site.query.completeness = async () => ({ storedTicks: 0, expectedTicks: 0 })
  const collector = (await (await site.ask('')).json()) as Record<string, unknown>
  assert.equal(collector.completeness24h, null)
})

test('a share of less than ten minutes is not told', async (t) => {
  const site = new TestSite()
  site.query.completeness = async () => ({ storedTicks: 599, expectedTicks: 599 })
  await site.start(t)
  const [collector] = (await (await fetch(`${site.url}/api/v1/collectors`)).json()) as { completeness24h: unknown }[]
  assert.equal(collector?.completeness24h, null)
})

test('what a live collector has not flushed yet is not missing', async (t) => {
  const site = new TestSite()
  const asked: number[] = []
  site.query.completeness = async (_no, { toMs }) => {
    asked.push(toMs)
    return { storedTicks: 3600, expectedTicks: 3600 }
  }
  await site.start(t)
  const here = { flushMs: 10_000, backlogTicks: null }
  site.fleet.connected(1, here)
  site.fleet.committed(1, here, 1, START_MS - 1000)
  await fetch(`${site.url}/api/v1/collectors`)
  site.clock.advance(400_000)
  await fetch(`${site.url}/api/v1/collectors`)
  assert.deepEqual(asked, [START_MS - 1000, START_MS + 400_000])
})

test('completeness is computed once a minute', async (t) => {
  const site = await startedSite(t)
  let computed = 0
  site.query.completeness = async () => ({ storedTicks: ++computed * 1000, expectedTicks: 10_000 })
  for (let i = 0; i < 3; i++) await fetch(`${site.url}/api/v1/collectors`)
  assert.equal(computed, 1)
  site.clock.advance(61_000)
  await fetch(`${site.url}/api/v1/collectors`)
  assert.equal(computed, 2)
})

test('the fleet is shown also while the reader fails, with completeness unknown', async (t) => {
  const site = await startedSite(t)
  site.query.completeness = async () => Promise.reject(new ServerError('STORE_FAILED'))
  for (let i = 0; i < 3; i++) {
    const response = await fetch(`${site.url}/api/v1/collectors`)
    assert.deepEqual(await response.json(), [{ ...ROW, completeness24h: null }])
  }
  assert.equal(site.logged.length, 1)
})
