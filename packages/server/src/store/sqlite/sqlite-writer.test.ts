import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import fc from 'fast-check'
import { ServerError } from '../../errors.ts'
import type { CommitOutcome, StoredBatch } from '../store.ts'
import { DATABASE_FILE } from './database-schema.ts'
import { packGroup, unpackResult } from './packed-group.ts'
import { SqliteWriter } from './sqlite-writer.ts'
import { batchOf, readInbox, TempDir } from './test-inbox.ts'

function commit(writer: SqliteWriter, ...batches: StoredBatch[]): readonly CommitOutcome[] {
  return unpackResult(writer.commit(packGroup({ batches, samples: [] }))).batches
}

function haveTicks(writer: SqliteWriter, collectorNo: number): string[] {
  return writer
    .have(collectorNo)
    .flatMap(({ run, lo, hi }) => seqs(lo, hi).map((seq) => `${collectorNo}:${run}:${seq}`))
}

function seqs(lo: number, hi: number): number[] {
  return Array.from({ length: hi - lo + 1 }, (_, i) => lo + i)
}

test('a batch is stored once: again it is a duplicate, and of an overlap only what is new is stored', () => {
  using dir = new TempDir()
  const writer = new SqliteWriter(dir.path)
  assert.deepEqual(commit(writer, batchOf(1, 7, 0, 9)), ['stored'])
  assert.deepEqual(commit(writer, batchOf(1, 7, 0, 9), batchOf(1, 7, 2, 3)), ['duplicate', 'duplicate'])
  assert.deepEqual(commit(writer, batchOf(1, 7, 5, 14)), ['stored'])
  assert.deepEqual(commit(writer, batchOf(1, 7, 20, 24), batchOf(1, 7, 12, 30)), ['stored', 'stored'])
  assert.deepEqual(writer.have(1), [{ run: 7, lo: 0, hi: 30 }])
  assert.deepEqual(
    readInbox(dir.path).toSorted(),
    seqs(0, 30)
      .map((seq) => `1:7:${seq}`)
      .toSorted(),
  )
  writer.close()
})

test('an interval that was swallowed after it grew leaves the row of the next one alone', () => {
  using dir = new TempDir()
  const writer = new SqliteWriter(dir.path)
  commit(writer, batchOf(1, 7, 0, 1), batchOf(1, 7, 4, 5))
  // 4..5 grows, is swallowed, and the next interval gets the id that became free.
  commit(writer, batchOf(1, 7, 6, 6), batchOf(1, 7, 2, 3), batchOf(1, 8, 50, 51))
  assert.deepEqual(writer.have(1), [
    { run: 7, lo: 0, hi: 6 },
    { run: 8, lo: 50, hi: 51 },
  ])
  writer.close()
})

test('a run that fell out of the cache within a commit is not stored twice', () => {
  using dir = new TempDir()
  const writer = new SqliteWriter(dir.path)
  commit(writer, batchOf(1, 100, 0, 4))
  const others = seqs(200, 240).map((run) => batchOf(1, run, 0, 0))
  const outcomes = commit(writer, batchOf(1, 100, 5, 9), ...others, batchOf(1, 100, 5, 9))
  assert.equal(outcomes.at(-1), 'duplicate')
  assert.deepEqual(writer.have(1, [100]), [{ run: 100, lo: 0, hi: 9 }])
  assert.equal(readInbox(dir.path).length, 10 + others.length)
  writer.close()
})

test('have asks for the runs that are named, of one collector alone', () => {
  using dir = new TempDir()
  const writer = new SqliteWriter(dir.path)
  commit(writer, batchOf(1, 7, 0, 1), batchOf(1, 2 ** 48 - 1, 3, 3), batchOf(2, 7, 5, 6), batchOf(1, 9, 0, 0))
  assert.deepEqual(writer.have(1, [7, 2 ** 48 - 1]), [
    { run: 7, lo: 0, hi: 1 },
    { run: 2 ** 48 - 1, lo: 3, hi: 3 },
  ])
  assert.deepEqual(writer.have(1, []), [])
  assert.deepEqual(writer.have(3), [])
  writer.close()
})

const batch = fc
  .tuple(fc.integer({ min: 1, max: 2 }), fc.nat(19), fc.nat(40), fc.nat(9))
  .map(([collectorNo, run, lo, length]) => batchOf(collectorNo, run, lo, lo + length))
const step = fc.oneof(
  { weight: 8, arbitrary: fc.array(batch, { minLength: 1, maxLength: 30 }) },
  { weight: 1, arbitrary: fc.constant('reopen' as const) },
  { weight: 1, arbitrary: fc.constant('fail' as const) },
)

test('after any commits, failures and re-openings, have and inbox hold each tick once and the outcomes were true', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
      using dir = new TempDir()
      let writer = new SqliteWriter(dir.path)
      const model = new Set<string>()
      for (const action of steps) {
        if (action === 'reopen') {
          writer.close()
          writer = new SqliteWriter(dir.path)
          continue
        }
        if (action === 'fail') {
          // A count that STRICT refuses, after a batch that was stored: the whole group must go.
          const group = [batchOf(1, 1, 0, 60), { ...batchOf(2, 2, 900, 901), count: 1.5 }]
          assert.throws(() => commit(writer, ...group), ServerError)
          continue
        }
        const outcomes = action.map(({ collectorNo, run, seq, count }): CommitOutcome => {
          const before = model.size
          for (const one of seqs(seq, seq + count - 1)) model.add(`${collectorNo}:${run}:${one}`)
          return model.size > before ? 'stored' : 'duplicate'
        })
        assert.deepEqual(commit(writer, ...action), outcomes)
      }
      const expected = [...model].toSorted()
      assert.deepEqual(readInbox(dir.path).toSorted(), expected)
      assert.deepEqual([...haveTicks(writer, 1), ...haveTicks(writer, 2)].toSorted(), expected)
      writer.close()
    }),
    { numRuns: 25 },
  )
})

test('a database that another program holds refuses with STORE_BUSY, and takes the same batch afterwards', () => {
  using dir = new TempDir()
  const writer = new SqliteWriter(dir.path)
  commit(writer, batchOf(1, 7, 0, 9))
  using other = new DatabaseSync(join(dir.path, DATABASE_FILE))
  other.exec('BEGIN IMMEDIATE')
  assert.throws(
    () => commit(writer, batchOf(1, 7, 10, 19)),
    (error) => error instanceof ServerError && error.code === 'STORE_BUSY',
  )
  other.exec('ROLLBACK')
  assert.deepEqual(commit(writer, batchOf(1, 7, 10, 19)), ['stored'])
  assert.deepEqual(writer.have(1), [{ run: 7, lo: 0, hi: 19 }])
  writer.close()
})
