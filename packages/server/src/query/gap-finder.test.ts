import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SqliteReader } from '../store/sqlite/sqlite-reader.ts'
import {
  batchesOf,
  COLLECTOR,
  CPU,
  START_MS,
  schemaWith,
  type TickSpec,
  ticksOf,
  WrittenStore,
} from '../store/sqlite/written-store.ts'
import type { StoredBatch } from '../store/store.ts'
import { V1_RUN, V1_SCHEMA } from '../store/v1-schema.ts'
import { findGaps } from './gap-finder.ts'
import { queryRange } from './range-query.ts'

const SCHEMA = schemaWith(CPU)

function gapsOf(batches: readonly StoredBatch[], fromS: number, toS: number): unknown[] {
  using store = new WrittenStore()
  store.addSchema(SCHEMA)
  store.addBatches(batches)
  const reader = new SqliteReader(store.dataDir)
  try {
    reader.refresh()
    const { gaps } = findGaps(reader, COLLECTOR, { fromMs: START_MS + fromS * 1000, toMs: START_MS + toS * 1000 })
    return gaps.map(({ run, lo, hi, fromMs, toMs, cause }) => [
      Number.parseInt(run, 16),
      lo,
      hi,
      (fromMs - START_MS) / 1000,
      (toMs - START_MS) / 1000,
      cause,
    ])
  } finally {
    reader.close()
  }
}

const run = (no: number, count: number, firstS = 0): StoredBatch[] =>
  batchesOf(
    SCHEMA,
    no,
    ticksOf(count, (i) => [i / 1000], firstS),
  )

test('the first ticks of a run are lost, and the collector had not stopped so long', () => {
  const batches = [...run(1, 60), ...run(2, 120, 100).filter((batch) => batch.seq >= 60)]
  assert.deepEqual(gapsOf(batches, 0, 300), [
    [1, null, null, 59, 100, 'collector stopped'],
    [2, 0, 59, 100, 160, 'lost'],
  ])
})

test('what was lost beside what is damaged is told apart', () => {
  const batches = run(1, 120)
    .filter((batch) => batch.seq !== 30)
    .map((batch) => (batch.seq === 20 ? { ...batch, ticks: new Uint8Array(0) } : batch))
  assert.deepEqual(gapsOf(batches, 0, 200), [
    [1, 20, 29, 19, 29, 'damaged'],
    [1, 30, 59, 29, 60, 'lost'],
  ])
})

test('a gap that reaches over the ends of the range keeps its times, and those beside it are left out', () => {
  const batches = [...run(1, 60), ...run(2, 60, 100), ...run(3, 60, 200), ...run(4, 60, 300)]
  assert.deepEqual(gapsOf(batches, 180, 190), [[2, null, null, 159, 200, 'collector stopped']])
})

test('a restart without a pause is no gap', () => {
  assert.deepEqual(gapsOf([...run(1, 60), ...run(2, 60, 60)], 0, 200), [])
})

/** As the server makes them of version 1 samples: a batch each, numbered as they came. */
const version1 = (...seconds: number[]): StoredBatch[] =>
  batchesOf(
    V1_SCHEMA,
    V1_RUN,
    seconds.map((atS) => ({ atS, values: [0.1, 2048, 1024] })),
    { perBatch: 1 },
  )
const seconds = (first: number, end: number): number[] => Array.from({ length: end - first }, (_, i) => first + i)
const HOUR_S = 3600

test('an hour without samples of a version 1 collector is a gap', () => {
  const batches = version1(...seconds(0, 10), ...seconds(HOUR_S, HOUR_S + 10))
  const gap = [1, null, null, 9, HOUR_S, 'collector silent']
  assert.deepEqual(gapsOf(batches, 0, 2 * HOUR_S), [gap])
  // One end of it in the range, the other, and none.
  assert.deepEqual(gapsOf(batches, 0, 100), [gap])
  assert.deepEqual(gapsOf(batches, 3000, 2 * HOUR_S), [gap])
  assert.deepEqual(gapsOf(batches, 1000, 1001), [gap])
  assert.deepEqual(gapsOf(batches, 0, 9), [])
  assert.deepEqual(gapsOf(batches, HOUR_S, 2 * HOUR_S), [])
})

test('version 1 samples that came late fill the gap that they left', () => {
  const batches = version1(...seconds(0, 10), ...seconds(100, 110), ...seconds(10, 60), ...seconds(110, 120))
  assert.deepEqual(gapsOf(batches, 0, 200), [[1, null, null, 59, 100, 'collector silent']])
  assert.deepEqual(gapsOf(batches, 70, 80), [[1, null, null, 59, 100, 'collector silent']])
  assert.deepEqual(gapsOf(version1(...seconds(0, 10), ...seconds(50, 60), ...seconds(10, 50)), 0, 200), [])
})

test('a second that the whole seconds of version 1 leave out is no gap', () => {
  assert.deepEqual(gapsOf(version1(0, 1, 3, 4, 4, 5, 8), 0, 20), [[1, null, null, 5, 8, 'collector silent']])
})

const later = (count: number, atS: number, monoS: number, missed = 0): TickSpec[] =>
  Array.from({ length: count }, (_, i) => ({
    atS: atS + i,
    monoS: monoS + i,
    values: [0.2],
    missed: i === 0 ? missed : 0,
  }))

test('a suspend, in which the monotonic clock stands still, is a gap', () => {
  // The tick after it is in the middle of a batch, the first of one, and of a batch out of the range.
  for (const count of [15, 20]) {
    const ticks = [...ticksOf(count, () => [0.1]), ...later(30, HOUR_S, count)]
    const gap = [7, null, null, count - 1, HOUR_S, 'machine suspended or clock set']
    const batches = batchesOf(SCHEMA, 7, ticks)
    assert.deepEqual(gapsOf(batches, 0, 2 * HOUR_S), [gap])
    assert.deepEqual(gapsOf(batches, 0, 100), [gap])
    assert.deepEqual(gapsOf(batches, 1000, 1001), [gap])
    assert.deepEqual(gapsOf(batches, HOUR_S + 25, 2 * HOUR_S), [])
  }
})

test('a pause that the collector did not count, and the monotonic clock tells, is one', () => {
  const ticks = [...ticksOf(20, () => [0.1]), ...later(20, 100, 100)]
  assert.deepEqual(gapsOf(batchesOf(SCHEMA, 7, ticks), 0, 200), [[7, null, null, 19, 100, 'collector paused']])
})

test('a pause around a suspend is told apart from it', () => {
  const ticks = [...ticksOf(20, () => [0.1]), ...later(20, HOUR_S, 25, 5)]
  assert.deepEqual(gapsOf(batchesOf(SCHEMA, 7, ticks), 0, 2 * HOUR_S), [
    [7, null, null, 19, HOUR_S - 6, 'machine suspended or clock set'],
    [7, null, null, HOUR_S - 6, HOUR_S, 'collector paused'],
  ])
})

test('a clock that is set back leaves no gap, and neither does one that is set forward and back again', () => {
  const back = [...ticksOf(100, () => [0.1]), ...later(100, 40, 100)]
  assert.deepEqual(gapsOf(batchesOf(SCHEMA, 7, back), 0, 200), [])
  const forth = [...ticksOf(20, () => [0.1]), ...later(10, 60, 20), ...later(100, 30, 30)]
  assert.deepEqual(gapsOf(batchesOf(SCHEMA, 7, forth), 0, 200), [
    [7, null, null, 19, 30, 'machine suspended or clock set'],
  ])
})

test('what is lost and what is damaged is no silence besides', () => {
  const ticks = [...ticksOf(60, () => [0.1]), ...later(200, 1000, 1000)]
  const batches = batchesOf(SCHEMA, 7, ticks).filter((batch) => batch.seq !== 50 && batch.seq !== 60)
  const damaged = batches.map((batch) => (batch.seq === 180 ? { ...batch, ticks: new Uint8Array(0) } : batch))
  assert.deepEqual(gapsOf(damaged, 0, 2000), [
    [7, 50, 119, 49, 1060, 'lost'],
    [7, 180, 239, 1119, 1180, 'damaged'],
  ])
})

test('undecodable ticks are counted where they are in the range', () => {
  using store = new WrittenStore()
  store.addSchema(SCHEMA)
  store.addBatches(run(1, 180).map((batch) => (batch.seq === 60 ? { ...batch, ticks: new Uint8Array(0) } : batch)))
  const reader = new SqliteReader(store.dataDir)
  try {
    reader.refresh()
    const undecodable = (fromS: number, toS: number): number => {
      const range = { fromMs: START_MS + fromS * 1000, toMs: START_MS + toS * 1000 }
      return queryRange(reader, COLLECTOR, range).undecodable
    }
    assert.equal(undecodable(0, 200), 60)
    assert.equal(undecodable(100, 104), 5)
    assert.equal(undecodable(115, 200), 5)
    assert.equal(undecodable(120, 200), 0)
  } finally {
    reader.close()
  }
})
