import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { TickCursor, TickDecoder } from '@godwit/protocol'
import { ServerError } from '../../errors.ts'
import type { CollectorFacts, StoredBatch, V1Sample } from '../store.ts'
import { V1_RUN, V1_SCHEMA } from '../v1-schema.ts'
import { DATABASE_FILE } from './database-schema.ts'
import { SqliteStore } from './sqlite-store.ts'
import { batchOf, readInbox, TempDir } from './test-inbox.ts'

const WORKER = new URL('writer-worker.ts', import.meta.url)

const FACTS: CollectorFacts = {
  id: '16d24c11-3a58-441c-9488-dd0dada32270',
  name: 'pi',
  protocol: 2,
  software: 'godwit 1',
  host: { os: 'linux', cpus: 4 },
  intervalMs: 1000,
}

function sample(collectorNo: number, wallMs: number, cpu: number, used = 50): V1Sample {
  return { collectorNo, wallMs, values: [cpu, 100, used] }
}

/** Every version 1 tick of the inbox, decoded in order. */
function decodeInbox(dataDir: string, collectorNo: number): { seq: number; wallMs: number; values: number[] }[] {
  const decoder = new TickDecoder((id) => (id === V1_SCHEMA.id ? V1_SCHEMA : undefined))
  const decoded: { seq: number; wallMs: number; values: number[] }[] = []
  using database = new DatabaseSync(join(dataDir, DATABASE_FILE), { readOnly: true })
  for (const row of database
    .prepare('SELECT seq, ticks FROM inbox WHERE collector = ? ORDER BY seq')
    .iterate(collectorNo)) {
    const ticks = row['ticks'] as Uint8Array
    const cursor = new TickCursor(ticks)
    while (cursor.next()) {
      assert.ok(decoder.decode(ticks, cursor.start, cursor.end, V1_RUN, Number(row['seq'])))
      decoded.push({ seq: decoder.seq, wallMs: decoder.wallMs, values: [...decoder.values] })
    }
  }
  return decoded
}

test('a collector keeps its number, its first day and its latest facts', async () => {
  using dir = new TempDir()
  let store = await SqliteStore.open(dir.path, WORKER)
  const made = await store.saveCollector(FACTS, 5)
  const changed = await store.saveCollector({ ...FACTS, name: 'kitchen', host: {} }, 9)
  assert.deepEqual(changed, { ...FACTS, no: made.no, name: 'kitchen', host: {}, firstSeenMs: 5 })
  const other = await store.saveCollector({ ...FACTS, id: '00000000-0000-0000-0000-000000000000' }, 10)
  assert.notEqual(other.no, made.no)
  await store.close()
  store = await SqliteStore.open(dir.path, WORKER)
  assert.deepEqual(await store.collectors(), [changed, other])
  await store.close()
})

test('a commit tells each batch its outcome, and have outlives the process', async () => {
  using dir = new TempDir()
  let store = await SqliteStore.open(dir.path, WORKER)
  const group = { batches: [batchOf(1, 7, 0, 9), batchOf(1, 7, 5, 6), batchOf(1, 8, 3, 4)], samples: [] }
  assert.deepEqual((await store.commit(group)).batches, ['stored', 'duplicate', 'stored'])
  await store.close()
  store = await SqliteStore.open(dir.path, WORKER)
  assert.deepEqual((await store.commit(group)).batches, ['duplicate', 'duplicate', 'duplicate'])
  assert.deepEqual(await store.have(1, [8]), [{ run: 8, lo: 3, hi: 4 }])
  assert.equal(readInbox(dir.path).length, 12)
  await store.close()
})

test('a version 1 sample that comes again is one, and two different ones of a second are two', async () => {
  using dir = new TempDir()
  let store = await SqliteStore.open(dir.path, WORKER)
  const commit = async (...samples: V1Sample[]): Promise<(number | null)[]> =>
    (await store.commit({ batches: [], samples })).samples.map((tick: StoredBatch | null) => tick?.seq ?? null)
  assert.deepEqual(await commit(sample(1, 1000, 0.5), sample(1, 1000, 0.5), sample(1, 1000, 0.25)), [0, null, 1])
  assert.deepEqual(await commit(sample(2, 1000, 0.5), sample(1, 1000, 0.5)), [0, null])
  assert.deepEqual(await commit(sample(1, 2000, Number.NaN), sample(1, 2000, Number.NaN)), [2, null])
  await store.close()
  store = await SqliteStore.open(dir.path, WORKER)
  const again = [sample(1, 1000, 0.5), sample(1, 2000, Number.NaN), sample(1, 500, 0.125, 51)]
  assert.deepEqual(await commit(...again), [null, null, 3])
  await assert.rejects(
    store.commit({ batches: [{ ...batchOf(1, 9, 0, 0), count: 0.5 }], samples: [sample(1, 3000, 1)] }),
    ServerError,
  )
  assert.deepEqual(await commit(sample(1, 3000, 1), sample(1, 3000, 1), sample(1, 4000, 0.0625)), [4, null, 5])
  await store.close()
  assert.deepEqual(decodeInbox(dir.path, 1), [
    { seq: 0, wallMs: 1000, values: [0.5, 100, 50] },
    { seq: 1, wallMs: 1000, values: [0.25, 100, 50] },
    { seq: 2, wallMs: 2000, values: [Number.NaN, 100, 50] },
    { seq: 3, wallMs: 500, values: [0.125, 100, 51] },
    { seq: 4, wallMs: 3000, values: [1, 100, 50] },
    { seq: 5, wallMs: 4000, values: [0.0625, 100, 50] },
  ])
})

test('a schema is kept once a collector', async () => {
  using dir = new TempDir()
  const store = await SqliteStore.open(dir.path, WORKER)
  await store.saveSchema(1, V1_SCHEMA)
  await store.saveSchema(1, { id: V1_SCHEMA.id, bytes: Uint8Array.of(1) })
  assert.deepEqual(await store.schemaIds(1), [V1_SCHEMA.id])
  assert.deepEqual(await store.schemaIds(2), [])
  await store.close()
})

test('tasks are given out oldest first, each once, and end as they are told', async () => {
  using dir = new TempDir()
  const store = await SqliteStore.open(dir.path, WORKER)
  const first = await store.addTask(1, 'shutdown', 5)
  const second = await store.addTask(1, 'shutdown', 6)
  await store.addTask(2, 'shutdown', 7)
  assert.deepEqual(await store.takeTask(1, ['waiting'], 8), { ...first, state: 'sent', changedMs: 8 })
  assert.equal((await store.takeTask(1, ['waiting'], 9))?.id, second.id)
  assert.equal(await store.takeTask(1, ['waiting'], 10), null)
  await store.finishTask(1, first.id, 'failed', 'no', 11)
  // A collector may not end another one's.
  await store.finishTask(2, second.id, 'done', '', 12)
  assert.deepEqual(
    (await store.tasks(1)).map(({ id, state, detail }) => [id, state, detail]),
    [
      [second.id, 'sent', ''],
      [first.id, 'failed', 'no'],
    ],
  )
  await store.close()
})

test('what cannot be opened rejects, and a closed store refuses every call', async () => {
  using dir = new TempDir()
  const store = await SqliteStore.open(dir.path, WORKER)
  await assert.rejects(SqliteStore.open(dir.path, WORKER), { code: 'DATA_IN_USE' })
  await store.close()
  await store.close()
  await assert.rejects(store.have(1), { code: 'STORE_FAILED' })
})
