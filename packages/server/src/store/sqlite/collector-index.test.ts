import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { CollectorIndex } from './collector-index.ts'
import { RunIndex } from './run-index.ts'

const BATCH_MS = 10_000
const DAY_BATCHES = 8640
const NOW_MS = 1_795_348_800_000

/** A run of batches of ten ticks that ends at NOW_MS. */
function indexOf(batches: number, run = 7): CollectorIndex {
  const index = new CollectorIndex()
  for (let i = 0; i < batches; i++) {
    const firstMs = NOW_MS - (batches - i) * BATCH_MS
    index.add(i + 1, run, i * 10, 10, firstMs, firstMs + 9000)
  }
  return index
}

/** Counts the rows that are looked at. */
function visitsOf(t: TestContext, ask: () => unknown): number {
  const watched = (['seqAt', 'countAt', 'firstMsAt', 'lastMsAt'] as const).map((name) =>
    t.mock.method(RunIndex.prototype, name),
  )
  ask()
  const visits = watched.reduce((sum, { mock }) => sum + mock.callCount(), 0)
  for (const { mock } of watched) mock.restore()
  return visits
}

test('what a range costs does not grow with the past of its run', (t) => {
  const fromMs = NOW_MS - 600_000
  const day = indexOf(DAY_BATCHES)
  const month = indexOf(30 * DAY_BATCHES)
  const asks: readonly ((index: CollectorIndex) => unknown)[] = [
    (index) => index.partsIn(fromMs, NOW_MS - 300_000),
    (index) => Array.from(index.missing(fromMs, NOW_MS - 300_000, 1000)),
    (index) => index.countTicks(fromMs, NOW_MS - 300_000),
    (index) => index.runSpans(),
  ]
  for (const ask of asks) {
    const ofDay = visitsOf(t, () => ask(day))
    const ofMonth = visitsOf(t, () => ask(month))
    // A search by halves looks at five more rows for each 30 times as many.
    assert.ok(ofMonth <= ofDay + 10, `${ofMonth} rows of a month, ${ofDay} of a day`)
    assert.ok(ofDay < 500, `${ofDay} rows`)
  }
})

test('what a range costs does not grow with the runs before', (t) => {
  const index = indexOf(100)
  const ask = (): unknown => Array.from(index.missing(NOW_MS - 600_000, NOW_MS, 1000))
  const before = visitsOf(t, ask)
  for (let run = 100; run < 110; run++) {
    const startMs = NOW_MS - run * DAY_BATCHES * BATCH_MS
    for (let i = 0; i < 1000; i++) {
      index.add(run * 1000 + i, run, i * 20, 10, startMs + i * BATCH_MS, startMs + i * BATCH_MS + 9000)
    }
  }
  // The first seq of each run is looked at, and no more.
  assert.ok(visitsOf(t, ask) <= before + 10)
})

test('a range within a silence finds the batches on both sides, in a run whose clock was set back too', () => {
  for (const isSetBack of [false, true]) {
    const index = new CollectorIndex()
    if (isSetBack) index.add(9, 7, 0, 10, NOW_MS + 9000, NOW_MS)
    index.add(1, 7, 10, 10, NOW_MS + 20_000, NOW_MS + 29_000)
    index.add(2, 7, 20, 10, NOW_MS + 8_000_000, NOW_MS + 8_009_000)
    index.add(3, 7, 30, 10, NOW_MS + 8_010_000, NOW_MS + 8_019_000)
    const [part] = index.partsIn(NOW_MS + 5_000_000, NOW_MS + 5_001_000)
    const ids = part?.rows.map(({ id }) => id)
    assert.deepEqual(ids, isSetBack ? [9, 1, 2] : [1, 2])
  }
})

test('batches that come in falling order of seq are ordered by one sort, however many come', (t) => {
  const index = new CollectorIndex()
  const copies = t.mock.method(Float64Array.prototype, 'copyWithin')
  for (let i = 0; i < 50_000; i++) index.add(i + 1, 7, 50_000 - i, 1, NOW_MS - i * 1000, NOW_MS - i * 1000)
  assert.equal(copies.mock.callCount(), 0)
  assert.equal(index.countTicks(NOW_MS - 9000, NOW_MS), 10)
  index.add(60_000, 7, 0, 1, NOW_MS - 50_000_000, NOW_MS - 50_000_000)
  index.add(60_001, 7, 50_001, 1, NOW_MS + 1000, NOW_MS + 1000)
  const [run] = index.runs()
  assert.deepEqual(
    run?.slice(0, run.size).rows.map(({ seq }) => seq),
    Array.from({ length: 50_002 }, (_, seq) => seq),
  )
  assert.deepEqual(run?.window(NOW_MS, NOW_MS), { first: 50_000, end: 50_002 })
})
