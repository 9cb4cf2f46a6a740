import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { appendTick, ByteWriter, TickCursor } from '@godwit/protocol'
import type { CollectorNo, StoredBatch } from '../store.ts'
import { DATABASE_FILE } from './database-schema.ts'

/** For tests: a directory that goes with its owner. */
export class TempDir implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), 'godwit-store-'));

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

const TICK_BYTES = 24

/** For tests: ticks lo..hi whose bytes say whose they are, so that a tick in the wrong place is found. */
export function batchOf(collectorNo: CollectorNo, run: number, lo: number, hi: number): StoredBatch {
  const count = hi - lo + 1
  const ticks = new ByteWriter(count * (1 + TICK_BYTES))
  const tick = new DataView(new ArrayBuffer(TICK_BYTES))
  tick.setFloat64(0, collectorNo)
  tick.setFloat64(8, run)
  for (let seq = lo; seq <= hi; seq++) {
    tick.setFloat64(16, seq)
    appendTick(ticks, new Uint8Array(tick.buffer))
  }
  const bytes = ticks.written().slice()
  return { collectorNo, run, seq: lo, count, firstMs: lo * 1000, lastMs: hi * 1000, ticks: bytes }
}

/** For tests: every tick of the inbox as 'collector:run:seq', in order of arrival. Throws if a row is not what it says. */
export function readInbox(dataDir: string): string[] {
  const found: string[] = []
  using database = new DatabaseSync(join(dataDir, DATABASE_FILE), { readOnly: true })
  for (const row of database.prepare('SELECT collector, run, seq, count, ticks FROM inbox ORDER BY id').iterate()) {
    const ticks = row['ticks'] as Uint8Array
    const view = new DataView(ticks.buffer, ticks.byteOffset, ticks.byteLength)
    const cursor = new TickCursor(ticks)
    const head = `${Number(row['collector'])}:${Number(row['run'])}`
    const first = Number(row['seq'])
    let seq = first
    while (cursor.next()) {
      const name = [
        view.getFloat64(cursor.start),
        view.getFloat64(cursor.start + 8),
        view.getFloat64(cursor.start + 16),
      ].join(':')
      if (name !== `${head}:${seq}`) throw new Error(`${name} lies in the place of seq ${seq}`)
      found.push(name)
      seq++
    }
    if (seq !== first + Number(row['count'])) throw new Error(`row of seq ${first} has another count`)
  }
  return found
}
