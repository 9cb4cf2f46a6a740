import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestClock } from '../live/test-clock.ts'
import type { CollectorRecord } from '../store/store.ts'
import { Fleet, type Presence } from './fleet.ts'

const START_MS = Date.UTC(2026, 0, 1)

function record(no: number, changes: Partial<CollectorRecord> = {}): CollectorRecord {
  const facts = { protocol: 2, software: 'test', host: {}, intervalMs: 1000, firstSeenMs: START_MS } as const
  return { no, id: `id-${no}`, name: `c${no}`, ...facts, ...changes }
}

function presence(changes: Partial<Presence> = {}): Presence {
  return { flushMs: 10_000, backlogTicks: null, ...changes }
}

class Bench {
  readonly clock = new TestClock(START_MS)
  readonly fleet = new Fleet(this.clock)

  stateAfter(ms: number): string | undefined {
    this.clock.advance(ms)
    return this.fleet.find('id-1')?.state
  }
}

test('a collector is live while it flushes, then late, then silent', () => {
  const bench = new Bench()
  const here = presence()
  bench.fleet.add(record(1), null)
  assert.equal(bench.stateAfter(0), 'silent')
  bench.fleet.connected(1, here)
  bench.fleet.committed(1, here, 1, START_MS)
  assert.equal(bench.stateAfter(14_000), 'live')
  assert.equal(bench.stateAfter(2000), 'late')
  assert.equal(bench.stateAfter(300_000), 'silent')
})

test('one that flushes or samples seldom is live for as long as that takes', () => {
  for (const [interval, flushMs] of [
    [1000, 3_600_000],
    [3_600_000, 10_000],
  ] as const) {
    const bench = new Bench()
    const here = presence({ flushMs })
    bench.fleet.add(record(1, { intervalMs: interval }), null)
    bench.fleet.connected(1, here)
    bench.fleet.committed(1, here, 1, START_MS)
    assert.equal(bench.stateAfter(3_600_000), 'live')
    bench.fleet.disconnected(1, here)
    assert.equal(bench.stateAfter(1000), 'live')
    assert.equal(bench.stateAfter(10_000), 'silent')
  }
})

test('one that delivered an old past and left is not present', () => {
  const bench = new Bench()
  const here = presence()
  bench.fleet.add(record(1), null)
  bench.fleet.connected(1, here)
  bench.fleet.committed(1, here, 1, START_MS - 3_600_000)
  assert.equal(bench.stateAfter(1000), 'live')
  bench.fleet.disconnected(1, here)
  assert.equal(bench.stateAfter(0), 'silent')
})

test('a collector whose clock is ahead is not live after a restart of the server', () => {
  const bench = new Bench()
  bench.fleet.add(record(1), START_MS + 86_400_000)
  assert.equal(bench.stateAfter(20_000), 'late')
})

test('what two connections of one collector owe is added up, and counts down with what comes', () => {
  const { fleet } = new Bench()
  const [one, copy] = [presence({ backlogTicks: 100 }), presence({ backlogTicks: 7 })]
  fleet.add(record(1), null)
  fleet.connected(1, one)
  fleet.connected(1, copy)
  assert.equal(fleet.find('id-1')?.backlogTicks, 107)
  fleet.committed(1, one, 60, START_MS)
  assert.equal(fleet.find('id-1')?.backlogTicks, 47)
  fleet.disconnected(1, copy)
  assert.deepEqual([fleet.find('id-1')?.backlogTicks, fleet.find('id-1')?.connected], [40, true])
  fleet.disconnected(1, one)
  assert.deepEqual([fleet.find('id-1')?.backlogTicks, fleet.find('id-1')?.connected], [40, false])
})

test('the list is ordered by name, and facts are kept up to date', () => {
  const { fleet } = new Bench()
  fleet.add(record(1, { name: 'zoo' }), null)
  fleet.add(record(2, { name: 'ape' }), 5)
  fleet.add(record(1, { name: 'ant' }), null)
  assert.deepEqual(
    Array.from(fleet.list(), ({ record: { name }, lastTickMs }) => [name, lastTickMs]),
    [
      ['ant', null],
      ['ape', 5],
    ],
  )
  assert.equal(fleet.find('id-3'), undefined)
})

test('what is remembered of a collector after it was heard of only raises its last tick', () => {
  const bench = new Bench()
  const here = presence()
  bench.fleet.add(record(1), null)
  bench.fleet.remember(1, START_MS - 600_000)
  assert.equal(bench.fleet.find('id-1')?.lastTickMs, START_MS - 600_000)
  assert.equal(bench.stateAfter(0), 'silent')
  bench.fleet.connected(1, here)
  bench.fleet.committed(1, here, 1, START_MS)
  bench.fleet.remember(1, START_MS - 1000)
  bench.fleet.remember(99, START_MS)
  assert.equal(bench.fleet.find('id-1')?.lastTickMs, START_MS)
  assert.equal(bench.stateAfter(0), 'live')
  bench.fleet.add(record(1), START_MS + 1000)
  assert.equal(bench.fleet.find('id-1')?.lastTickMs, START_MS + 1000)
})
