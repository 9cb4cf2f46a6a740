import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Schema, SchemaId } from '@godwit/protocol'
import { ServerError } from '../../errors.ts'
import type { CollectorNo, StoredBatch } from '../store.ts'
import type {
  Completeness,
  KnownSeries,
  MissingRange,
  RangeBatch,
  RunSpan,
  RunSummary,
  StoreReader,
  TimeSpan,
} from '../store-reader.ts'
import { V1_RUN, V1_SCHEMA } from '../v1-schema.ts'
import { CollectorIndex } from './collector-index.ts'
import { APPLICATION_ID, DATABASE_FILE, DATABASE_VERSION } from './database-schema.ts'
import { fromNewestKey, lastSchema, schemasNamedIn } from './newest-ticks.ts'
import type { BatchRow, RunPart } from './run-index.ts'
import { storeErrorOf } from './sqlite-error.ts'
import { StoredSchemas } from './stored-schemas.ts'

/**
 * Reads the database of a data directory beside the thread that writes it: WAL lets both. Finds a collector's batches
 * by an index in memory, 40 bytes a batch, that each `refresh` carries on from the newest rowid it knows.
 */
export class SqliteReader implements StoreReader {
  readonly #path: string
  readonly #database: DatabaseSync
  readonly #newBatches: StatementSync
  readonly #ticks: StatementSync
  readonly #collectorRows: StatementSync
  readonly #interval: StatementSync
  readonly #collectors = new Map<CollectorNo, CollectorIndex>()
  readonly #schemas: StoredSchemas
  #lastId = 0

  /** Throws STORE_NOT_OURS, STORE_NEWER, STORE_CORRUPT, STORE_MISSING where there is no database. */
  constructor(dataDir: string) {
    this.#path = join(dataDir, DATABASE_FILE)
    this.#database = this.#try('open the database', () => openForReading(this.#path))
    const database = this.#database
    this.#newBatches = database.prepare(
      'SELECT id, collector, run, seq, count, first_ms, last_ms FROM inbox WHERE id > ? ORDER BY id',
    )
    this.#newBatches.setReturnArrays(true)
    // Fast path: one statement for many rows took a third of the time of one for each.
    this.#ticks = database.prepare(
      'SELECT inbox.id, inbox.ticks FROM json_each(?) AS wanted CROSS JOIN inbox ON inbox.id = wanted.value',
    )
    this.#ticks.setReturnArrays(true)
    this.#schemas = new StoredSchemas(database)
    this.#collectorRows = database.prepare('SELECT no, id, name FROM collector ORDER BY name, no')
    this.#interval = database.prepare('SELECT interval_ms FROM collector WHERE no = ?')
  }

  refresh(): void {
    this.#try('index the inbox', () => {
      for (const row of this.#newBatches.iterate(this.#lastId)) {
        const [id, collectorNo, run, seq, count, firstMs, lastMs] = row as unknown as InboxRow
        let index = this.#collectors.get(collectorNo)
        if (index === undefined) {
          index = new CollectorIndex()
          this.#collectors.set(collectorNo, index)
        }
        index.add(id, run, seq, count, firstMs, lastMs)
        this.#lastId = id
      }
    })
  }

  /** All collectors, by name. */
  collectors(): { no: CollectorNo; id: string; name: string }[] {
    const rows = this.#try('read the collectors', () => this.#collectorRows.all())
    return rows.map((row) => ({ no: Number(row['no']), id: String(row['id']), name: String(row['name']) }))
  }

  intervalMs(collectorNo: CollectorNo): number {
    const row = this.#try('read a collector', () => this.#interval.get(collectorNo))
    if (row === undefined) throw new ServerError('COLLECTOR_UNKNOWN', { op: 'read a collector' })
    return Number(row['interval_ms'])
  }

  schema(collectorNo: CollectorNo, id: SchemaId): Schema | undefined {
    // The server itself encodes version 1 samples; nobody sends their schema.
    if (id === V1_SCHEMA.id && this.#isVersion1(collectorNo)) return V1_SCHEMA
    return this.#try('read a schema', () => this.#schemas.get(collectorNo, id))
  }

  *knownSeries(collectorNo: CollectorNo): Generator<void, KnownSeries, void> {
    const known = yield* this.#schemas.known(collectorNo)
    if (!this.#isVersion1(collectorNo)) return known
    const byName = new Map(known.byName)
    for (const one of V1_SCHEMA.series) byName.set(one.name, one)
    return { ...known, byName }
  }

  span(collectorNo: CollectorNo): TimeSpan | undefined {
    return this.#collectors.get(collectorNo)?.span()
  }

  spans(): Map<CollectorNo, TimeSpan> {
    return new Map(Array.from(this.#collectors, ([collectorNo, index]) => [collectorNo, index.span()]))
  }

  countTicks(collectorNo: CollectorNo, fromMs: number, toMs: number): number {
    return this.#collectors.get(collectorNo)?.countTicks(fromMs, toMs) ?? 0
  }

  batchesIn(collectorNo: CollectorNo, fromMs: number, toMs: number): Generator<RangeBatch> {
    return this.#walk(collectorNo, this.#collectors.get(collectorNo)?.partsIn(fromMs, toMs) ?? [])
  }

  tail(collectorNo: CollectorNo): StoredBatch[] {
    return fromNewestKey(this.#newestBatches(collectorNo), (id) => this.schema(collectorNo, id))
  }

  tailSchemas(collectorNo: CollectorNo): Schema[] {
    return schemasNamedIn(this.#newestBatches(collectorNo), (id) => this.schema(collectorNo, id))
  }

  newestSchema(collectorNo: CollectorNo): Schema | undefined {
    return lastSchema(this.tail(collectorNo), (id) => this.schema(collectorNo, id))
  }

  runSpans(collectorNo: CollectorNo): RunSpan[] {
    return this.#collectors.get(collectorNo)?.runSpans() ?? []
  }

  runs(collectorNo: CollectorNo): RunSummary[] {
    return this.#collectors.get(collectorNo)?.summaries() ?? []
  }

  missing(collectorNo: CollectorNo, fromMs: number, toMs: number): IteratorObject<MissingRange> {
    const index = this.#collectors.get(collectorNo)
    return index?.missing(fromMs, toMs, this.intervalMs(collectorNo)) ?? Iterator.from([])
  }

  completeness(collectorNo: CollectorNo, fromMs: number, toMs: number): Completeness {
    const firstMs = Math.max(fromMs, this.span(collectorNo)?.firstMs ?? Number.POSITIVE_INFINITY)
    const expectedTicks = firstMs > toMs ? 0 : Math.floor((toMs - firstMs) / this.intervalMs(collectorNo)) + 1
    return { storedTicks: this.countTicks(collectorNo, fromMs, toMs), expectedTicks }
  }

  close(): void {
    this.#database.close()
  }

  /** One whose row is gone has no bytes: whoever decodes it finds it damaged and goes on. */
  #load(collectorNo: CollectorNo, run: number, wanted: readonly BatchRow[]): StoredBatch[] {
    const ids = JSON.stringify(wanted.map(({ id }) => id))
    const rows = this.#try('read batches', () => this.#ticks.all(ids)) as unknown as [number, Uint8Array][]
    const ticksOf = new Map(rows)
    return wanted.map(({ id, seq, count, firstMs, lastMs }) => {
      return { collectorNo, run, seq, count, firstMs, lastMs, ticks: ticksOf.get(id) ?? new Uint8Array(0) }
    })
  }

  *#walk(collectorNo: CollectorNo, parts: readonly RunPart[]): Generator<RangeBatch> {
    for (const { run, rows } of parts) {
      for (let first = 0; first < rows.length; first += BATCHES_PER_READ) {
        const batches = this.#load(collectorNo, run, rows.slice(first, first + BATCHES_PER_READ))
        for (const [i, batch] of batches.entries()) yield { ...batch, follows: first + i > 0 }
      }
    }
  }

  /** Of the newest run, so many that there is a key tick among them, unless it is lost. */
  #newestBatches(collectorNo: CollectorNo): StoredBatch[] {
    const run = this.#collectors.get(collectorNo)?.newestRun()
    if (run === undefined) return []
    return this.#load(collectorNo, run.run, run.slice(run.keyPlace(run.size - 1), run.size).rows)
  }

  #isVersion1(collectorNo: CollectorNo): boolean {
    return this.#collectors.get(collectorNo)?.hasRun(V1_RUN) ?? false
  }

  #try<T>(op: string, work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw storeErrorOf(error, op, this.#path)
    }
  }
}

type InboxRow = [number, CollectorNo, number, number, number, number, number]

const BUSY_TIMEOUT_MS = 1000
/** Of at most 256 KiB each: also a bound on memory. */
const BATCHES_PER_READ = 64

function openForReading(path: string): DatabaseSync {
  if (!existsSync(path)) {
    const hint = 'give the directory that a server was given with --data'
    throw new ServerError('STORE_MISSING', { op: 'open the database', path, hint })
  }
  const database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS })
  try {
    const op = 'open the database'
    if (database.prepare('PRAGMA application_id').get()?.['application_id'] !== APPLICATION_ID) {
      const hint = 'give the directory that a server was given with --data'
      throw new ServerError('STORE_NOT_OURS', { op, path, hint })
    }
    if (Number(database.prepare('PRAGMA user_version').get()?.['user_version']) > DATABASE_VERSION) {
      throw new ServerError('STORE_NEWER', { op, path, hint: 'install the newer Godwit again' })
    }
    return database
  } catch (error) {
    database.close()
    throw error
  }
}
