import { hash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { appendTick, ByteWriter, createSchema, type Schema, type Series, seriesOf, TickEncoder } from '@godwit/protocol'
import type { StoredBatch } from '../store.ts'
import { APPLICATION_ID, CREATE_TABLES, DATABASE_FILE, DATABASE_VERSION } from './database-schema.ts'

/** A tick to be written: `atS` is whole seconds after START_MS. */
export interface TickSpec {
  readonly atS: number
  readonly values: readonly number[]
  readonly missed?: number
  /** Of the monotonic clock; atS unless said. */
  readonly monoS?: number
}

/** A whole hour, so that buckets are easy to name. */
export const START_MS = 1_795_348_800_000

export const COLLECTOR = 1

export const CPU: Series = seriesOf('cpu_used_ratio')
export const MEMORY: Series = seriesOf('memory_used_bytes')
export const READS: Series = seriesOf('disk_reads_total', { device: 'sda' })

export function schemaWith(...series: readonly Series[]): Schema {
  return createSchema(series, (bytes) => hash('sha256', bytes, 'buffer'))
}

/**
 * A database in a directory of its own, for tests of the reading side: written by SQL, with ticks of the real encoder.
 */
export class WrittenStore implements Disposable {
  readonly dataDir: string = mkdtempSync(join(tmpdir(), 'godwit-query-'))
  readonly database: DatabaseSync

  constructor() {
    this.database = new DatabaseSync(join(this.dataDir, DATABASE_FILE))
    this.database.exec(`PRAGMA journal_mode = WAL; ${CREATE_TABLES}`)
    this.database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${DATABASE_VERSION}`)
    this.addCollector(COLLECTOR)
  }

  addCollector(no: number, intervalMs = 1000): void {
    this.database
      .prepare('INSERT INTO collector VALUES (?, ?, ?, 2, ?, ?, ?, 0)')
      .run(no, `collector ${no}`, 'name', 'test', '{}', intervalMs)
  }

  addSchema(schema: Schema): void {
    this.database.prepare('INSERT OR IGNORE INTO schema VALUES (?, ?, ?)').run(COLLECTOR, schema.id, schema.bytes)
  }

  /** In the order given, which is that of arrival. */
  addBatches(batches: readonly StoredBatch[]): void {
    const insert = this.database.prepare(
      'INSERT INTO inbox (collector, run, seq, count, first_ms, last_ms, ticks) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
    this.database.exec('BEGIN')
    for (const { collectorNo, run, seq, count, firstMs, lastMs, ticks } of batches) {
      insert.run(collectorNo, run, seq, count, firstMs, lastMs, ticks)
    }
    this.database.exec('COMMIT')
  }

  [Symbol.dispose](): void {
    this.database.close()
    rmSync(this.dataDir, { recursive: true })
  }
}

/** Encodes consecutive ticks of a run, from seq 0 unless said, in batches of `perBatch`. */
export function batchesOf(
  schema: Schema,
  run: number,
  ticks: readonly TickSpec[],
  { perBatch = 10, firstSeq = 0 }: { perBatch?: number; firstSeq?: number } = {},
): StoredBatch[] {
  const encoder = new TickEncoder({ schema, run, intervalMs: 1000 })
  const wallMsOf = (tick: TickSpec | undefined): number => START_MS + (tick?.atS ?? 0) * 1000
  const batches: StoredBatch[] = []
  for (let first = 0; first < ticks.length; first += perBatch) {
    const writer = new ByteWriter()
    const part = ticks.slice(first, first + perBatch)
    for (const [i, tick] of part.entries()) {
      const head = {
        seq: firstSeq + first + i,
        wallMs: wallMsOf(tick),
        monoMs: (tick.monoS ?? tick.atS) * 1000,
        missed: tick.missed ?? 0,
      }
      const { bytes } = encoder.encode(head, Float64Array.from(tick.values))
      appendTick(writer, bytes)
    }
    batches.push({
      collectorNo: COLLECTOR,
      run,
      seq: firstSeq + first,
      count: part.length,
      firstMs: wallMsOf(part[0]),
      lastMs: wallMsOf(part.at(-1)),
      ticks: writer.written().slice(),
    })
  }
  return batches
}

/** One tick a second. */
export function ticksOf(count: number, valuesAt: (i: number) => readonly number[], firstS = 0): TickSpec[] {
  return Array.from({ length: count }, (_, i) => ({ atS: firstS + i, values: valuesAt(i) }))
}
