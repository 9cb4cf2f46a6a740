import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestClock } from '../live/test-clock.ts'
import type { CommitGroup, CommitResult, StoredBatch } from '../store/store.ts'
import { type CommitObserver, CommitQueue, type CommitQueueOptions, type CommitSummary } from './commit-queue.ts'

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

/** Holds each group until the test lets it through. */
class GatedStore {
  readonly groups: { group: CommitGroup; gate: PromiseWithResolvers<CommitResult> }[] = []

  commit(group: CommitGroup): Promise<CommitResult> {
    const gate = Promise.withResolvers<CommitResult>()
    this.groups.push({ group, gate })
    return gate.promise
  }

  async pass(index: number): Promise<void> {
    const { group, gate } = this.groups[index] as (typeof this.groups)[number]
    gate.resolve({ batches: group.batches.map(() => 'stored'), samples: group.samples.map(() => null) })
    await turn()
  }

  async fail(index: number): Promise<void> {
    this.groups[index]?.gate.reject(new Error('disk full'))
    await turn()
  }

  seqs(index: number): number[] {
    return this.groups[index]?.group.batches.map(({ seq }) => seq) ?? []
  }
}

class Bench implements CommitObserver {
  readonly store = new GatedStore()
  readonly clock = new TestClock(0)
  readonly queue: CommitQueue
  readonly told: string[] = []

  constructor(options: Partial<CommitQueueOptions> = {}) {
    this.queue = new CommitQueue(this.store, this.clock, this, options)
  }

  groupCommitted({ batches, samples, ticks }: CommitSummary): void {
    const items = batches + samples
    this.told.push(`group of ${items} items, ${ticks} ticks`)
  }

  sampleLost(error: Error): void {
    this.told.push(`sample lost: ${error.message}`)
  }

  callbackFailed(error: unknown): void {
    this.told.push(`callback failed: ${String(error)}`)
  }

  groupFailed(error: Error): void {
    this.told.push(`group failed: ${error.message}`)
  }

  addSample(name: string): void {
    this.queue.add({
      type: 'sample',
      sample: { collectorNo: 1, wallMs: 2, values: [] },
      committed: () => this.told.push(`${name} committed`),
      refused: (error) => this.told.push(`${name} refused: ${error.message}`),
    })
  }

  add(seq: number, bytes = 10): void {
    const batch: StoredBatch = {
      collectorNo: 1,
      run: 2,
      seq,
      count: 2,
      firstMs: 0,
      lastMs: 0,
      ticks: new Uint8Array(bytes),
    }
    this.queue.add({
      type: 'batch',
      batch,
      committed: (outcome) => this.told.push(`${seq} ${outcome}`),
      refused: (error) => this.told.push(`${seq} refused: ${error.message}`),
    })
  }
}

test('what arrives within the gathering time goes in one group', async () => {
  const bench = new Bench({ gatherMs: 20 })
  bench.add(1)
  bench.clock.advance(19)
  bench.add(2)
  assert.equal(bench.store.groups.length, 0)
  bench.clock.advance(1)
  assert.deepEqual(bench.store.seqs(0), [1, 2])
  await bench.store.pass(0)
  assert.deepEqual(bench.told, ['group of 2 items, 4 ticks', '1 stored', '2 stored'])
  assert.equal(bench.queue.waitingBytes, 0)
  assert.equal(bench.clock.pendingTimers, 0)
})

test('a group that is large enough goes at once, and its timer with it', async () => {
  const bench = new Bench({ groupBytes: 1000 })
  bench.add(1, 100)
  bench.add(2, 500)
  assert.deepEqual(bench.store.seqs(0), [1, 2])
  assert.equal(bench.clock.pendingTimers, 0)
  await bench.store.pass(0)
})

test('one group is in the store at a time, and what gathered meanwhile follows without waiting', async () => {
  const bench = new Bench({ groupBytes: 1 })
  bench.add(1)
  bench.add(2)
  bench.add(3)
  bench.clock.advance(1000)
  assert.equal(bench.store.groups.length, 1)
  await bench.store.pass(0)
  assert.deepEqual(bench.store.seqs(1), [2, 3])
  await bench.store.pass(1)
  assert.equal(bench.store.groups.length, 2)
})

test('a failure refuses every item of its group, and later groups go on', async () => {
  const bench = new Bench({ groupBytes: 1 })
  bench.add(1)
  bench.add(2)
  bench.add(3)
  await bench.store.pass(0)
  await bench.store.fail(1)
  assert.deepEqual(bench.told.slice(2), ['group failed: disk full', '2 refused: disk full', '3 refused: disk full'])
  bench.add(4)
  await bench.store.pass(2)
  assert.equal(bench.told.at(-1), '4 stored')
})

test('samples of a failed commit are tried again, and given up after the last try', async () => {
  const bench = new Bench({ groupBytes: 1, retryMs: 1000, sampleTries: 3 })
  bench.addSample('a')
  await bench.store.fail(0)
  assert.ok(bench.queue.waitingBytes > 0)
  bench.clock.advance(1000)
  await bench.store.fail(1)
  bench.clock.advance(1000)
  await bench.store.pass(2)
  assert.deepEqual(bench.told, [
    'group failed: disk full',
    'group failed: disk full',
    'group of 1 items, 0 ticks',
    'a committed',
  ])
  bench.addSample('b')
  for (const group of [3, 4, 5]) {
    await bench.store.fail(group)
    bench.clock.advance(1000)
  }
  assert.deepEqual(bench.told.slice(-2), ['sample lost: disk full', 'b refused: disk full'])
  assert.equal(bench.queue.waitingBytes, 0)
})

test('draining tries the samples of a failed commit once more', async () => {
  const bench = new Bench({ groupBytes: 1 })
  bench.addSample('a')
  await bench.store.fail(0)
  const drained = bench.queue.drain()
  await turn()
  await bench.store.pass(1)
  await drained
  assert.equal(bench.told.at(-1), 'a committed')
})

test('a callback that throws is reported, and keeps nobody else from being told', async () => {
  const bench = new Bench({ groupBytes: 1 })
  bench.add(1)
  bench.queue.add({
    type: 'sample',
    sample: { collectorNo: 1, wallMs: 2, values: [] },
    committed: () => {
      throw new Error('of ours')
    },
    refused: () => assert.fail(),
  })
  bench.addSample('a')
  await bench.store.pass(0)
  await bench.store.pass(1)
  assert.deepEqual(bench.told.slice(-2), ['callback failed: Error: of ours', 'a committed'])
  bench.add(2)
  await bench.store.pass(2)
  assert.equal(bench.told.at(-1), '2 stored')
})

test('samples are told their own outcome', async () => {
  const bench = new Bench({ groupBytes: 1 })
  const ticks: unknown[] = []
  const refused = (): void => assert.fail()
  const sample = { collectorNo: 1, wallMs: 2, values: [] }
  bench.queue.add({ type: 'sample', sample, committed: (tick) => ticks.push(tick), refused })
  await bench.store.pass(0)
  assert.deepEqual(ticks, [null])
})

test('a full queue calls back once each who waits for room, when there is room', async () => {
  const bench = new Bench({ groupBytes: 1, capacityBytes: 1000 })
  bench.add(1, 500)
  assert.equal(bench.queue.isFull, false)
  bench.add(2, 900)
  assert.equal(bench.queue.isFull, true)
  bench.queue.whenRoom(() => bench.told.push('room'))
  await bench.store.pass(0)
  // The second group alone is over the capacity still.
  assert.equal(bench.told.includes('room'), false)
  await bench.store.pass(1)
  assert.equal(bench.told.at(-1), 'room')
  bench.add(3)
  await bench.store.pass(2)
  assert.equal(bench.told.filter((line) => line === 'room').length, 1)
})

test('draining commits all that waits, also what comes while it does, and outlasts a failure', async () => {
  const bench = new Bench({ gatherMs: 1000 })
  bench.add(1)
  const drained = bench.queue.drain()
  bench.add(2)
  await bench.store.fail(0)
  await bench.store.pass(1)
  await drained
  assert.deepEqual(bench.store.seqs(1), [2])
  assert.equal(bench.clock.pendingTimers, 0)
  await bench.queue.drain()
})
