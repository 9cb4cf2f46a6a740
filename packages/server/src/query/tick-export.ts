import { formatRun, type Series, type TickDecoder } from '@godwit/protocol'
import type { CollectorNo } from '../store/store.ts'
import { type TickReader, TickScan } from './tick-scan.ts'
import { checkRange, type TimeRange } from './time-range.ts'

export type ExportFormat = 'ndjson' | 'csv'

/** Text of this length is handed on, and no more is decoded until the next is asked for. */
const CHUNK_CHARS = 65_536

/**
 * The exact ticks of a range, as chunks of UTF-8 text: run after run, the one that began first before the others, by
 * seq in each.
 *   ndjson  {"run":"12 hex","seq":0,"wallMs":0,"correctedMs":0,"values":{"name":0}}, null for none
 *   csv     run,seq,wall_ms,corrected_ms,name…        all series of the range; empty for none
 * A csv is decoded twice: its first line names all series. Throws RANGE_INVALID.
 */
export function exportTicks(
  reader: TickReader,
  collectorNo: CollectorNo,
  range: TimeRange,
  format: ExportFormat,
): Generator<Uint8Array<ArrayBuffer>> {
  checkRange(range)
  return format === 'csv' ? exportCsv(reader, collectorNo, range) : exportNdjson(reader, collectorNo, range)
}

function exportNdjson(
  reader: TickReader,
  collectorNo: CollectorNo,
  range: TimeRange,
): Generator<Uint8Array<ArrayBuffer>> {
  let schema: TickDecoder['schema']
  let keys: string[] = []
  return chunksOf(reader, collectorNo, range, '', (tick) => {
    if (tick.schema !== schema) {
      schema = tick.schema
      keys = (schema?.series ?? []).map((series, i) => `${i === 0 ? '' : ','}${JSON.stringify(series.name)}:`)
    }
    let values = ''
    for (let i = 0; i < keys.length; i++) {
      const value = tick.values[i] as number
      values += (keys[i] as string) + (Number.isFinite(value) ? value : 'null')
    }
    // Until clock records are kept, the collector's own time is the best there is.
    const times = `"wallMs":${tick.wallMs},"correctedMs":${tick.wallMs}`
    return `{"run":"${formatRun(tick.run)}","seq":${tick.seq},${times},"values":{${values}}}\n`
  })
}

function exportCsv(reader: TickReader, collectorNo: CollectorNo, range: TimeRange): Generator<Uint8Array<ArrayBuffer>> {
  const columnOf = columnsIn(reader, collectorNo, range)
  const header = ['run', 'seq', 'wall_ms', 'corrected_ms', ...columnOf.keys().map(quoted)]
  let schema: TickDecoder['schema']
  let columns: number[] = []
  return chunksOf(reader, collectorNo, range, `${header.join(',')}\n`, (tick) => {
    if (tick.schema !== schema) {
      schema = tick.schema
      columns = (schema?.series ?? []).map((series) => columnOf.get(series.name) as number)
    }
    const cells = new Array<string>(columnOf.size).fill('')
    for (let i = 0; i < columns.length; i++) {
      const value = tick.values[i] as number
      if (!Number.isNaN(value)) cells[columns[i] as number] = String(value)
    }
    return `${formatRun(tick.run)},${tick.seq},${tick.wallMs},${tick.wallMs},${cells.join(',')}\n`
  })
}

/** The names of all series in the range, and the place of each among them. */
function columnsIn(
  reader: TickReader,
  collectorNo: CollectorNo,
  { fromMs, toMs }: TimeRange,
): Map<Series['name'], number> {
  const columnOf = new Map<string, number>()
  let schema: TickDecoder['schema']
  const scan = new TickScan(reader, collectorNo, fromMs, toMs, (tick) => {
    if (tick.schema === schema) return
    schema = tick.schema
    for (const { name } of schema?.series ?? []) if (!columnOf.has(name)) columnOf.set(name, columnOf.size)
  })
  scan.run()
  return columnOf
}

function* chunksOf(
  reader: TickReader,
  collectorNo: CollectorNo,
  { fromMs, toMs }: TimeRange,
  head: string,
  lineOf: (tick: TickDecoder) => string,
): Generator<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder()
  let text = head
  const scan = new TickScan(reader, collectorNo, fromMs, toMs, (tick) => {
    text += lineOf(tick)
  })
  while (scan.step()) {
    if (text.length < CHUNK_CHARS) continue
    yield encoder.encode(text)
    text = ''
  }
  if (text !== '') yield encoder.encode(text)
}

/** RFC 4180: names with labels hold commas and quotes. */
function quoted(name: string): string {
  return /[",]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name
}
