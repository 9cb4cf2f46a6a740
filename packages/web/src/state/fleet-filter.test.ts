import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Collector } from '../api/collector.ts'
import { matchesFilter } from './fleet-filter.ts'

const KIOSK: Collector = {
  id: '0198f3a2-1b2c-7d3e-8f40-5a6b7c8d9e0f',
  name: 'Kiosk-12',
  tags: ['berlin', 'lobby'],
  state: 'late',
  lastTickMs: null,
  backlogTicks: null,
  completeness24h: null,
  host: { os: 'linux', arch: 'arm64', cpus: 4 },
  protocol: 2,
}

test('an empty filter lets everything pass', () => {
  assert.equal(matchesFilter(KIOSK, '  '), true)
})

test('each word is looked for in name, tags, state, host and id, whatever its case', () => {
  for (const filter of ['kiosk', 'BERLIN late', 'arm64 12', '0198f3a2'])
    assert.equal(matchesFilter(KIOSK, filter), true)
})

test('all words have to be found', () => {
  assert.equal(matchesFilter(KIOSK, 'kiosk paris'), false)
})
