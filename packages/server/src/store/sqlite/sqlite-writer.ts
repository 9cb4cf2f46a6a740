import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { dropTicks, LIMITS, type SchemaId, TickCursor } from '@godwit/protocol'
import type { CollectorFacts, CollectorNo, CollectorRecord, CommitOutcome, HaveRange, StoredBatch } from '../store.ts'
import { V1_RUN } from '../v1-schema.ts'
import { type OpenDatabase, openDatabase } from './open-database.ts'
import { batchCount, OUTCOMES, type PackedGroup, type PackedResult, unpackBatches } from './packed-group.ts'
import { type HaveInterval, RunHave } from './run-have.ts'
import { storeErrorOf } from './sqlite-error.ts'
import { TaskTable } from './task-table.ts'
import { V1Samples } from './v1-samples.ts'

/** Writes the database; runs in a thread of its own (writer-worker.ts), so that fsync stops nobody else. */
export class SqliteWriter {
  readonly tasks: TaskTable
  readonly #open: OpenDatabase
  readonly #database: DatabaseSync
  readonly #samples: V1Samples
  readonly #insertBatch: StatementSync
  readonly #selectHave: StatementSync
  readonly #insertHave: StatementSync
  readonly #updateHave: StatementSync
  readonly #deleteHave: StatementSync
  /** What is had of the runs that were written to; a cache of the table, dropped when a transaction fails. */
  #have = new Map<string, RunHave>()
  #dirty = new Set<HaveInterval>()

  constructor(dataDir: string) {
    this.#open = openDatabase(dataDir)
    this.#database = this.#open.database
    const database = this.#database
    this.tasks = new TaskTable(database)
    this.#samples = new V1Samples(database)
    this.#insertBatch = database.prepare(
      'INSERT INTO inbox (collector, run, seq, count, first_ms, last_ms, ticks) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
    this.#selectHave = database.prepare('SELECT id, lo, hi FROM have WHERE collector = ? AND run = ? ORDER BY lo')
    this.#insertHave = database.prepare('INSERT INTO have (collector, run, lo, hi) VALUES (?, ?, ?, ?)')
    this.#updateHave = database.prepare('UPDATE have SET lo = ?, hi = ? WHERE id = ?')
    this.#deleteHave = database.prepare('DELETE FROM have WHERE id = ?')
  }

  collectors(): CollectorRecord[] {
    return this.#database.prepare('SELECT * FROM collector ORDER BY no').all().map(collectorOf)
  }

  saveCollector(facts: CollectorFacts, nowMs: number): CollectorRecord {
    const row = this.#database
      .prepare(
        `INSERT INTO collector (id, name, protocol, software, host, interval_ms, first_seen_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, protocol = excluded.protocol, software = excluded.software,
           host = excluded.host, interval_ms = excluded.interval_ms
         RETURNING *`,
      )
      .get(facts.id, facts.name, facts.protocol, facts.software, JSON.stringify(facts.host), facts.intervalMs, nowMs)
    return collectorOf(row as Row)
  }

  schemaIds(collectorNo: CollectorNo): SchemaId[] {
    const rows = this.#database.prepare('SELECT id FROM schema WHERE collector = ?').all(collectorNo)
    return rows.map((row) => String(row['id']))
  }

  saveSchema(collectorNo: CollectorNo, schemaId: SchemaId, bytes: Uint8Array): void {
    const insert = this.#database.prepare('INSERT OR IGNORE INTO schema (collector, id, bytes) VALUES (?, ?, ?)')
    insert.run(collectorNo, schemaId, bytes)
  }

  have(collectorNo: CollectorNo, runs?: readonly number[]): HaveRange[] {
    const newest = this.#database.prepare(
      `SELECT run, lo, hi FROM have WHERE collector = ?1 AND (?2 IS NULL OR run IN (SELECT value FROM json_each(?2)))
       ORDER BY id DESC LIMIT ?3`,
    )
    const rows = newest.all(collectorNo, runs === undefined ? null : JSON.stringify(runs), LIMITS.haveRanges)
    const ranges = rows.map((row) => ({ run: Number(row['run']), lo: Number(row['lo']), hi: Number(row['hi']) }))
    return ranges.sort((a, b) => a.run - b.run || a.lo - b.lo)
  }

  /** One transaction. On failure nothing is stored and the caches are dropped: what they held may not be on the disk. */
  commit(group: PackedGroup): PackedResult {
    const outcomes = new Uint8Array(batchCount(group))
    try {
      this.#database.exec('BEGIN IMMEDIATE')
      let index = 0
      for (const batch of unpackBatches(group)) {
        outcomes[index++] = OUTCOMES.indexOf(this.#storeBatch(batch))
      }
      const samples = group.samples.map((sample) => {
        const tick = this.#samples.tickOf(sample, this.#nextV1Seq(sample.collectorNo))
        if (tick !== null) this.#append(tick, this.#haveOf(tick.collectorNo, tick.run))
        return tick
      })
      this.#writeHave()
      this.#database.exec('COMMIT')
      return { outcomes, samples }
    } catch (error) {
      this.#abandon()
      throw storeErrorOf(error, 'commit', this.#open.path)
    }
  }

  close(): void {
    this.#open.close()
  }

  #storeBatch(batch: StoredBatch): CommitOutcome {
    const have = this.#haveOf(batch.collectorNo, batch.run)
    const hi = batch.seq + batch.count - 1
    if (have.intervals.length >= MAX_INTERVALS && have.isApart(batch.seq, hi)) return 'fragmented'
    if (have.isBeyond(batch.seq)) {
      this.#append(batch, have)
      return 'stored'
    }
    const missing = have.missing(batch.seq, hi)
    for (const part of missing) this.#append(cutBatch(batch, part.lo, part.hi), have)
    return missing.length > 0 ? 'stored' : 'duplicate'
  }

  // Fast path: once a batch. The have row is written once a commit, not once a batch (bench ingest).
  #append(batch: StoredBatch, have: RunHave): void {
    const { collectorNo, run, seq, count, firstMs, lastMs, ticks } = batch
    this.#insertBatch.run(collectorNo, run, seq, count, firstMs, lastMs, ticks)
    const { interval, swallowed } = have.add(seq, seq + count - 1)
    if (interval.id === 0) {
      interval.id = Number(this.#insertHave.run(collectorNo, run, interval.lo, interval.hi).lastInsertRowid)
    } else {
      this.#dirty.add(interval)
    }
    for (const gone of swallowed) {
      this.#deleteHave.run(gone.id)
      // Its id may be given to the next interval, which the row of this one must not overwrite.
      this.#dirty.delete(gone)
    }
  }

  #writeHave(): void {
    for (const { lo, hi, id } of this.#dirty) this.#updateHave.run(lo, hi, id)
    this.#dirty.clear()
  }

  #haveOf(collectorNo: CollectorNo, run: number): RunHave {
    const key = `${collectorNo} ${run}`
    const cached = this.#have.get(key)
    if (cached !== undefined) return cached
    if (this.#have.size >= CACHED_RUNS) {
      // What leaves the cache may be read back in this very transaction.
      this.#writeHave()
      this.#have.delete(this.#have.keys().next().value as string)
    }
    const rows = this.#selectHave.all(collectorNo, run)
    const have = new RunHave(
      rows.map((row) => ({ id: Number(row['id']), lo: Number(row['lo']), hi: Number(row['hi']) })),
    )
    this.#have.set(key, have)
    return have
  }

  #nextV1Seq(collectorNo: CollectorNo): number {
    return (this.#haveOf(collectorNo, V1_RUN).intervals.at(-1)?.hi ?? -1) + 1
  }

  #abandon(): void {
    // First, because a rollback may fail as well.
    this.#have = new Map()
    this.#dirty = new Set()
    this.#samples.forget()
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
  }
}

/** Bounds memory; a run that is not in the cache costs one read of an index. */
const CACHED_RUNS = 100_000

/** A run has a hole where ticks were evicted; no collector comes near this. Beyond it, what would make another is refused. */
const MAX_INTERVALS = 4096

type Row = Record<string, unknown>

function collectorOf(row: Row): CollectorRecord {
  return {
    no: Number(row['no']),
    id: String(row['id']),
    name: String(row['name']),
    protocol: row['protocol'] === 1 ? 1 : 2,
    software: String(row['software']),
    host: JSON.parse(String(row['host'])) as CollectorRecord['host'],
    intervalMs: Number(row['interval_ms']),
    firstSeenMs: Number(row['first_seen_ms']),
  }
}

/** The ticks lo..hi of a batch. The times of a part are those of the whole: they only say where to look. */
function cutBatch(batch: StoredBatch, lo: number, hi: number): StoredBatch {
  const rest = dropTicks(batch.ticks, lo - batch.seq)
  const cursor = new TickCursor(rest)
  const count = hi - lo + 1
  for (let i = 0; i < count; i++) cursor.next()
  return { ...batch, seq: lo, count, ticks: rest.subarray(0, cursor.end) }
}
