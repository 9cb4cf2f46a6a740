import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seriesOf } from '@godwit/protocol'
import { SqliteReader } from '../store/sqlite/sqlite-reader.ts'
import {
  batchesOf,
  COLLECTOR,
  CPU,
  MEMORY,
  READS,
  START_MS,
  schemaWith,
  ticksOf,
  WrittenStore,
} from '../store/sqlite/written-store.ts'
import type { StoredBatch } from '../store/store.ts'
import { type ExportFormat, exportTicks } from './tick-export.ts'

const BOTH = schemaWith(CPU, MEMORY)
const OTHER = schemaWith(CPU, READS)

function exported(batches: readonly StoredBatch[], fromS: number, toS: number, format: ExportFormat): string[] {
  using store = new WrittenStore()
  store.addSchema(BOTH)
  store.addSchema(OTHER)
  store.addBatches(batches)
  const reader = new SqliteReader(store.dataDir)
  try {
    reader.refresh()
    const range = { fromMs: START_MS + fromS * 1000, toMs: START_MS + toS * 1000 }
    return Array.from(exportTicks(reader, COLLECTOR, range, format), (chunk) => new TextDecoder().decode(chunk))
  } finally {
    reader.close()
  }
}

const CHANGING = [
  ...batchesOf(
    BOTH,
    7,
    ticksOf(2, (i) => [i / 10, Number.NaN]),
  ),
  ...batchesOf(
    OTHER,
    8,
    ticksOf(2, (i) => [0.5, i], 10),
  ),
]

test('a line of ndjson holds one exact tick', () => {
  const lines = exported(CHANGING, 1, 10, 'ndjson').join('').trimEnd().split('\n')
  assert.deepEqual(
    lines.map((line) => JSON.parse(line) as unknown),
    [
      {
        run: '000000000007',
        seq: 1,
        wallMs: START_MS + 1000,
        correctedMs: START_MS + 1000,
        values: { cpu_used_ratio: 0.1, memory_used_bytes: null },
      },
      {
        run: '000000000008',
        seq: 0,
        wallMs: START_MS + 10_000,
        correctedMs: START_MS + 10_000,
        values: { cpu_used_ratio: 0.5, 'disk_reads_total{device="sda"}': 0 },
      },
    ],
  )
})

test('a csv names all series of the range first and leaves cells of none empty', () => {
  assert.deepEqual(exported(CHANGING, 0, 20, 'csv').join('').trimEnd().split('\n'), [
    'run,seq,wall_ms,corrected_ms,cpu_used_ratio,memory_used_bytes,"disk_reads_total{device=""sda""}"',
    `000000000007,0,${START_MS},${START_MS},0,,`,
    `000000000007,1,${START_MS + 1000},${START_MS + 1000},0.1,,`,
    `000000000008,0,${START_MS + 10_000},${START_MS + 10_000},0.5,,0`,
    `000000000008,1,${START_MS + 11_000},${START_MS + 11_000},0.5,,1`,
  ])
})

test('a long range comes in many chunks that hold each tick once', () => {
  const chunks = exported(
    batchesOf(
      BOTH,
      7,
      ticksOf(5000, (i) => [(i % 100) / 1000, i * 1024]),
    ),
    0,
    5000,
    'ndjson',
  )
  const seqs = chunks
    .join('')
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { seq: number }).seq)
  assert.ok(chunks.length > 5)
  assert.ok(chunks.every((chunk) => chunk.length < 2 * 65_536))
  assert.deepEqual(
    seqs,
    Array.from({ length: 5000 }, (_, i) => i),
  )
})

test('a range without ticks is nothing, or a header', () => {
  assert.deepEqual(exported(CHANGING, 100, 200, 'ndjson'), [])
  assert.deepEqual(exported(CHANGING, 100, 200, 'csv'), ['run,seq,wall_ms,corrected_ms\n'])
})

test('a range that ends before it begins is refused before anything is read', () => {
  assert.throws(() => exported(CHANGING, 2, 1, 'ndjson'), { code: 'RANGE_INVALID' })
})

test('a batch of many wide ticks comes in chunks of a line or a few, never as one text', () => {
  const wide = schemaWith(...Array.from({ length: 2000 }, (_, i) => seriesOf('disk_reads_total', { device: `d${i}` })))
  using store = new WrittenStore()
  store.addSchema(wide)
  store.addBatches(
    batchesOf(
      wide,
      7,
      ticksOf(100, () => new Array<number>(2000).fill(1)),
      { perBatch: 100 },
    ),
  )
  const reader = new SqliteReader(store.dataDir)
  reader.refresh()
  const sizes = Array.from(
    exportTicks(reader, COLLECTOR, { fromMs: 0, toMs: START_MS * 2 }, 'ndjson'),
    (it) => it.length,
  )
  reader.close()
  assert.equal(sizes.length, 100)
  assert.ok(Math.max(...sizes) < 200_000)
})
