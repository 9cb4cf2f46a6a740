import { readFileSync } from 'node:fs'
import type { Series } from '@godwit/protocol'

/** A recording as ticks: one row of values a second. */
export interface Dataset {
  readonly series: readonly Series[]
  readonly wallMs: readonly number[]
  /** One array a tick, one value a series. */
  readonly rows: readonly Float64Array[]
}

/** 40 series of a real two-core machine under changing load, 620 seconds at 1 Hz. */
const REAL_NODE_1HZ = new URL('./data/real-node-1hz.csv', import.meta.url)

/**
 * Reads a recording. Its header names each column `name:g` (gauge), `name:c` (counter) or `name:b` (gauge of whole bytes or counts).
 * Resolutions are the coarsest that keep every value exact to two decimals: 0.01 for gauges, 1 KiB for the bytes of
 * /proc/meminfo, a sector for disk bytes, 1 for all else.
 */
export function readDataset(file: URL = REAL_NODE_1HZ): Dataset {
  const [header = '', ...lines] = readFileSync(file, 'utf8').trim().split('\n')
  const columns = header.split(',').slice(1)
  const series = columns.map(seriesOfColumn)
  const table = lines.map((line) => line.split(',').map(Number))
  return {
    series,
    wallMs: table.map(([wallMs = 0]) => wallMs),
    rows: table.map(([, ...values]) => Float64Array.from(values)),
  }
}

function seriesOfColumn(column: string): Series {
  const [name = '', type] = column.split(':')
  const bytes = name.endsWith('_bytes')
  if (type === 'g') return { name, unit: 'none', kind: 'gauge', resolution: 0.01 }
  if (type === 'b') return { name, unit: bytes ? 'bytes' : 'count', kind: 'gauge', resolution: bytes ? 1024 : 1 }
  const sectors = bytes && name.startsWith('disk_')
  return { name, unit: bytes ? 'bytes' : 'count', kind: 'counter', resolution: sectors ? 512 : 1 }
}
