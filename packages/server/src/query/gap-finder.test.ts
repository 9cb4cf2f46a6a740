import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SqliteReader } from '../store/sqlite/sqlite-reader.ts'
import {
  batchesOf,
  COLLECTOR,
  CPU,
  START_MS,
  schemaWith,
  ticksOf,
  WrittenStore,
} from '../store/sqlite/written-store.ts'
import type { StoredBatch } from '../store/store.ts'
import { findGaps } from './gap-finder.ts'

const SCHEMA = schemaWith(CPU)

function gapsOf(batches: readonly StoredBatch[], fromS: number, toS: number): unknown[] {
  using store = new WrittenStore()
  store.addSchema(SCHEMA)
  store.addBatches(batches)
  const reader = new SqliteReader(store.dataDir)
  try {
    reader.refresh()
    const gaps = findGaps(reader, COLLECTOR, { fromMs: START_MS + fromS * 1000, toMs: START_MS + toS * 1000 })
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
