import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { TickEncoder } from '@godwit/protocol'
import fc from 'fast-check'
import type { StoredBatch } from '../store.ts'
import { V1_RUN, V1_SCHEMA } from '../v1-schema.ts'
import { DATABASE_FILE } from './database-schema.ts'
import { SqliteReader } from './sqlite-reader.ts'
import { batchesOf, COLLECTOR, CPU, MEMORY, START_MS, schemaWith, ticksOf, WrittenStore } from './written-store.ts'

const SCHEMA = schemaWith(CPU)
const run = (no: number, count: number, firstS = 0): StoredBatch[] =>
  batchesOf(
    SCHEMA,
    no,
    ticksOf(count, () => [0.1], firstS),
  )

/** A store with the batches, and a reader that has seen them. */
function setUp(batches: readonly StoredBatch[]): Disposable & { store: WrittenStore; reader: SqliteReader } {
  const store = new WrittenStore()
  store.addSchema(SCHEMA)
  store.addBatches(batches)
  const reader = new SqliteReader(store.dataDir)
  reader.refresh()
  const dispose = (): void => {
    reader.close()
    store[Symbol.dispose]()
  }
  return { store, reader, [Symbol.dispose]: dispose }
}

const at = (s: number): number => START_MS + s * 1000
const seqsIn = (reader: SqliteReader, fromS: number, toS: number): [number, number][] =>
  Array.from(reader.batchesIn(COLLECTOR, at(fromS), at(toS)), ({ run: no, seq }) => [no, seq])

test('a walk begins far enough before the range to hold a key tick, and ends with the batch after it', () => {
  using it = setUp(run(7, 300))
  assert.deepEqual(
    seqsIn(it.reader, 205, 212),
    [130, 140, 150, 160, 170, 180, 190, 200, 210, 220].map((seq) => [7, seq]),
  )
  assert.deepEqual(seqsIn(it.reader, 5, 6), [
    [7, 0],
    [7, 10],
  ])
  assert.deepEqual(seqsIn(it.reader, 290, 400).at(-1), [7, 290])
  assert.deepEqual(seqsIn(it.reader, 300, 400), [])
})

test('a walk goes run by run, the older first, and says where one follows the other', () => {
  using it = setUp([...run(9, 20, 100), ...run(7, 20)])
  const walk = Array.from(it.reader.batchesIn(COLLECTOR, at(0), at(200)), ({ run: no, seq, follows }) => [
    no,
    seq,
    follows,
  ])
  assert.deepEqual(walk, [
    [7, 0, false],
    [7, 10, true],
    [9, 0, false],
    [9, 10, true],
  ])
})

test('what is committed during a walk does not disturb it', () => {
  const batches = run(7, 50)
  using it = setUp(batches.filter((batch) => batch.seq !== 20))
  const walk = it.reader.batchesIn(COLLECTOR, at(0), at(50))
  const seqs = [walk.next().value?.seq, walk.next().value?.seq]
  it.store.addBatches(batches.filter((batch) => batch.seq === 20))
  it.reader.refresh()
  for (const { seq } of walk) seqs.push(seq)
  assert.deepEqual(seqs, [0, 10, 30, 40])
  assert.deepEqual(
    seqsIn(it.reader, 0, 50),
    [0, 10, 20, 30, 40].map((seq) => [7, seq]),
  )
})

test('the order of arrival changes nothing', () => {
  const batches = [...run(7, 200), ...run(8, 100, 300)]
  using sorted = setUp(batches)
  const property = fc.property(
    fc.shuffledSubarray(batches, { minLength: batches.length }),
    fc.integer({ min: 0, max: 450 }),
    fc.integer({ min: 0, max: 450 }),
    (shuffled, fromS, toS) => {
      using it = setUp(shuffled)
      assert.deepEqual(seqsIn(it.reader, fromS, toS), seqsIn(sorted.reader, fromS, toS))
      assert.deepEqual(it.reader.runs(COLLECTOR), sorted.reader.runs(COLLECTOR))
    },
  )
  fc.assert(property, { numRuns: 20, seed: 1 })
})

test('ticks are counted without reading them', () => {
  using it = setUp(run(7, 300))
  for (const [fromS, toS, ticks] of [
    [0, 299, 300],
    [0, 0, 1],
    [5, 14, 10],
    [299, 400, 1],
    [300, 400, 0],
  ] as const) {
    assert.equal(it.reader.countTicks(COLLECTOR, at(fromS), at(toS)), ticks)
  }
})

test('the tail begins with the batch of the newest key tick of the newest run', () => {
  using it = setUp([...run(8, 135, 1000), ...run(7, 500)])
  assert.deepEqual(
    it.reader.tail(COLLECTOR).map(({ run: no, seq }) => [no, seq]),
    [
      [8, 120],
      [8, 130],
    ],
  )
  assert.deepEqual(it.reader.tail(2), [])
})

test('completeness counts from the first tick of the collector', () => {
  const batches = run(7, 100).filter((batch) => batch.seq !== 50)
  using it = setUp(batches)
  assert.deepEqual(it.reader.completeness(COLLECTOR, at(-1000), at(99)), { storedTicks: 90, expectedTicks: 100 })
  assert.deepEqual(it.reader.completeness(COLLECTOR, at(50), at(69)), { storedTicks: 10, expectedTicks: 20 })
  assert.deepEqual(it.reader.runs(COLLECTOR)[0]?.have, [
    { run: 7, lo: 0, hi: 49 },
    { run: 7, lo: 60, hi: 99 },
  ])
})

test('schemas that are saved later are found, and the same one stays the same object', () => {
  using it = setUp(run(7, 10))
  const first = it.reader.schema(COLLECTOR, SCHEMA.id)
  const other = schemaWith(CPU, MEMORY)
  it.store.addSchema(other)
  assert.deepEqual(it.reader.schema(COLLECTOR, other.id)?.series, other.series)
  assert.equal(it.reader.schema(COLLECTOR, SCHEMA.id), first)
})

test('a damaged schema is left out', () => {
  using it = setUp([])
  it.store.database
    .prepare('INSERT INTO schema VALUES (?, ?, ?)')
    .run(COLLECTOR, '0011223344556677', Uint8Array.of(9, 9))
  assert.equal(it.reader.schema(COLLECTOR, '0011223344556677'), undefined)
  const known = it.reader.knownSeries(COLLECTOR)
  assert.equal(Array.from({ length: 2 }, () => known.next().done).includes(true), false)
  assert.deepEqual(Array.from(known.next().value?.byName.keys() ?? []), [CPU.name])
})

test('the schema of version 1 need not be stored', () => {
  const encoder = new TickEncoder({ schema: V1_SCHEMA, run: V1_RUN, intervalMs: 1000 })
  const { bytes } = encoder.encode({ seq: 0, wallMs: at(0), monoMs: 0, missed: 0 }, Float64Array.of(0.5, 2048, 1024))
  const ticks = Uint8Array.of(bytes.length, ...bytes)
  using it = setUp([{ collectorNo: COLLECTOR, run: V1_RUN, seq: 0, count: 1, firstMs: at(0), lastMs: at(0), ticks }])
  assert.equal(it.reader.schema(COLLECTOR, V1_SCHEMA.id), V1_SCHEMA)
  assert.equal(it.reader.tail(COLLECTOR).length, 1)
})

test('a collector that nobody knows is an error', () => {
  using it = setUp([])
  assert.throws(() => it.reader.intervalMs(99), { code: 'COLLECTOR_UNKNOWN' })
})

test('a directory without a database and files that are not ours are refused', () => {
  using store = new WrittenStore()
  assert.throws(() => new SqliteReader(join(store.dataDir, 'nowhere')), { code: 'STORE_MISSING' })
  using foreign = new WrittenStore()
  foreign.database.exec('PRAGMA application_id = 1')
  assert.throws(() => new SqliteReader(foreign.dataDir), { code: 'STORE_NOT_OURS' })
  using newer = new WrittenStore()
  newer.database.exec('PRAGMA user_version = 99')
  assert.throws(() => new SqliteReader(newer.dataDir), { code: 'STORE_NEWER' })
  using damaged = new WrittenStore()
  damaged.database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  writeFileSync(join(damaged.dataDir, DATABASE_FILE), 'no database at all'.repeat(1000))
  assert.throws(() => new SqliteReader(damaged.dataDir), { code: 'STORE_NOT_OURS' })
})

test('the newest schema and those of the tail are found by the ids in the key ticks', () => {
  const wide = schemaWith(CPU, MEMORY)
  const newest = batchesOf(
    wide,
    7,
    ticksOf(10, () => [0.1, 1024], 20),
    { firstSeq: 20 },
  )
  using it = setUp([...run(7, 10), ...newest])
  assert.equal(it.reader.newestSchema(COLLECTOR)?.id, SCHEMA.id)
  it.store.addSchema(wide)
  it.store.addSchema(schemaWith(MEMORY))
  assert.equal(it.reader.newestSchema(COLLECTOR)?.id, wide.id)
  assert.deepEqual(
    it.reader.tailSchemas(COLLECTOR).map(({ id }) => id),
    [wide.id, SCHEMA.id],
  )
})
