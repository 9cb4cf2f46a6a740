import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SqliteReader } from '../store/sqlite/sqlite-reader.ts'
import {
  batchesOf,
  COLLECTOR,
  CPU,
  READS,
  START_MS,
  schemaWith,
  type TickSpec,
  WrittenStore,
} from '../store/sqlite/written-store.ts'
import { type ExactAnswer, queryRange, type ReducedAnswer } from './range-query.ts'

const SCHEMA = schemaWith(CPU, READS)

const ratio = fc.oneof(
  fc.integer({ min: 0, max: 1000 }).map((n) => n / 1000),
  fc.constant(Number.NaN),
)
const total = fc.oneof(fc.nat(1_000_000), fc.constant(Number.NaN))
/** Ticks of one run whose clock runs on by 1 to 40 seconds. */
const ticks = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 40 }), ratio, total), { minLength: 2, maxLength: 150 })
  .map((rows) => {
    let atS = 0
    return rows.map(([stepS, ...values]): TickSpec => {
      atS += stepS
      return { atS, values }
    })
  })

test('a reduced answer is the exact one, bucket by bucket', () => {
  const property = fc.property(
    ticks,
    fc.nat(3000),
    fc.nat(3000),
    fc.integer({ min: 1, max: 60 }),
    (specs, a, b, points) => {
      using store = new WrittenStore()
      store.addSchema(SCHEMA)
      store.addBatches(batchesOf(SCHEMA, 7, specs))
      const reader = new SqliteReader(store.dataDir)
      try {
        reader.refresh()
        const range = { fromMs: START_MS + Math.min(a, b) * 1000, toMs: START_MS + Math.max(a, b) * 1000 }
        const exact = queryRange(reader, COLLECTOR, range)
        const reduced = queryRange(reader, COLLECTOR, { ...range, points })
        assert.ok(exact.level === 0)
        if (reduced.level === 0) assert.deepEqual(reduced, exact)
        else checkReduction(exact, reduced, points)
      } finally {
        reader.close()
      }
    },
  )
  fc.assert(property, { numRuns: 60, seed: 1 })
})

function checkReduction(exact: ExactAnswer, reduced: ReducedAnswer, points: number): void {
  const { timestampsMs, stepMs } = reduced
  assert.ok(timestampsMs.length <= points + 1)
  assert.deepEqual(reduced.gaps, exact.gaps)
  for (const [i, { series, mean, min, max }] of reduced.columns.entries()) {
    let used = 0
    for (const [bucket, startMs] of timestampsMs.entries()) {
      const inBucket = (_: number, row: number): boolean => {
        const atMs = exact.timestampsMs[row] as number
        return atMs >= startMs && atMs < startMs + stepMs
      }
      const values = Array.from(exact.columns[i]?.value ?? [])
        .filter(inBucket)
        .filter((value) => !Number.isNaN(value))
      used += values.length
      const sum = values.reduce((left, right) => left + right, 0)
      const expected = series.kind === 'counter' ? (values.at(-1) ?? Number.NaN) : sum / values.length
      assert.equal(mean[bucket]?.toFixed(9), expected.toFixed(9))
      assert.equal(min[bucket], values.length === 0 ? Number.NaN : Math.min(...values))
      assert.equal(max[bucket], values.length === 0 ? Number.NaN : Math.max(...values))
    }
    assert.equal(used, exact.columns[i]?.value.filter((value) => !Number.isNaN(value)).length)
  }
}
