import { formatRun, type Series, type TickDecoder } from '@godwit/protocol'
import { ServerError } from '../errors.ts'
import type { CollectorNo } from '../store/store.ts'
import type { Steps } from './steps.ts'
import { type TickReader, TickScan } from './tick-scan.ts'
import { checkRange, type TimeRange } from './time-range.ts'

export type ExportFormat = 'ndjson' | 'csv'

/** Text of this length is handed on, and no more is decoded until the next is asked for. */
const CHUNK_CHARS = 65_536

/** Each costs a character in each line, even where it is none. */
const MAX_CSV_COLUMNS = 65_536

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
): IteratorObject<Uint8Array<ArrayBuffer>> {
  return exportPieces(reader, collectorNo, range, format).filter((piece) => piece !== null)
}

/** The chunks; null where one takes long, so that something else can be done in between. */
export type ExportPieces = Generator<Uint8Array<ArrayBuffer> | null>

/** As `exportTicks`. */
export function exportPieces(
  reader: TickReader,
  collectorNo: CollectorNo,
  range: TimeRange,
  format: ExportFormat,
): ExportPieces {
  checkRange(range)
  return format === 'csv' ? exportCsv(reader, collectorNo, range) : exportNdjson(reader, collectorNo, range)
}

function exportNdjson(reader: TickReader, collectorNo: CollectorNo, range: TimeRange): ExportPieces {
  let schema: TickDecoder['schema']
  let keys: string[] = []
  const lines = new LineScan(reader, collectorNo, range, (tick) => {
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
  return lines.pieces('')
}

function* exportCsv(reader: TickReader, collectorNo: CollectorNo, range: TimeRange): ExportPieces {
  const columnOf = new Map<Series['name'], number>()
  let schema: TickDecoder['schema']
  let columns: number[] = []
  // Made before the names are looked for, so that both are of the same ticks.
  const lines = new LineScan(reader, collectorNo, range, (tick) => {
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
  for (const _ of nameColumns(reader, collectorNo, range, columnOf)) yield null
  const header = ['run', 'seq', 'wall_ms', 'corrected_ms', ...columnOf.keys().map(quoted)]
  yield* lines.pieces(`${header.join(',')}\n`)
}

/** Fills in the names of all series in the range, and the place of each among them. */
function nameColumns(
  reader: TickReader,
  collectorNo: CollectorNo,
  { fromMs, toMs }: TimeRange,
  columnOf: Map<Series['name'], number>,
): Steps<void> {
  let schema: TickDecoder['schema']
  const scan = new TickScan(reader, collectorNo, fromMs, toMs, (tick) => {
    if (tick.schema === schema) return
    schema = tick.schema
    for (const { name } of schema?.series ?? []) if (!columnOf.has(name)) columnOf.set(name, columnOf.size)
    if (columnOf.size > MAX_CSV_COLUMNS) throw tooManyColumns()
  })
  return scan.steps()
}

/** Ticks as lines of text. */
class LineScan {
  readonly #scan: TickScan
  #text = ''

  constructor(
    reader: TickReader,
    collectorNo: CollectorNo,
    { fromMs, toMs }: TimeRange,
    lineOf: (tick: TickDecoder) => string,
  ) {
    this.#scan = new TickScan(reader, collectorNo, fromMs, toMs, (tick) => {
      this.#text += lineOf(tick)
      // A line can be as long as a hundred chunks: two of a batch's thousands are not put together.
      if (this.#text.length >= CHUNK_CHARS) this.#scan.pause()
    })
  }

  *pieces(head: string): ExportPieces {
    const encoder = new TextEncoder()
    this.#text = head
    while (this.#scan.step()) {
      if (this.#text.length < CHUNK_CHARS) {
        yield null
        continue
      }
      yield encoder.encode(this.#text)
      this.#text = ''
    }
    if (this.#text !== '') yield encoder.encode(this.#text)
  }
}

function tooManyColumns(): ServerError {
  const what = `the range holds more than ${MAX_CSV_COLUMNS} series`
  return new ServerError('RANGE_INVALID', { what, hint: 'ask for a shorter range, or for ndjson' })
}

/** RFC 4180: names with labels hold commas and quotes. */
function quoted(name: string): string {
  return /[",]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name
}
