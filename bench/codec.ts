import { hash } from 'node:crypto'
import { createSchema, type Schema, TickCursor, TickDecoder, TickEncoder, type TickHead } from '@godwit/protocol'
import { type Dataset, readDataset } from './dataset.ts'
import { type BenchOptions, type Figure, figureOf } from './figure.ts'

const BENCH = 'codec'
const RUN = 0x0123456789ab
const RUNS = 9
const RUN_MS = 300
const WARM_UP_PASSES = 40

/** Ticks as they lie in a batch: a length before each. */
interface EncodedTicks {
  readonly bytes: Uint8Array
  readonly lengthBytes: number
}

/** The tick codec alone: size, and speed in values per second of this process's processor time. */
export async function run(_options: BenchOptions): Promise<Figure[]> {
  const dataset = readDataset()
  const schema = createSchema(dataset.series, (bytes) => hash('sha256', bytes, 'buffer'))
  const heads = tickHeads(dataset)
  const encoded = encodeAll(dataset, schema, heads)
  verify(dataset, schema, heads, encoded)

  const values = dataset.rows.length * dataset.series.length
  const encodeSpeeds = speeds(values, () => {
    const encoder = new TickEncoder({ schema, run: RUN, intervalMs: 1000 })
    let sum = 0
    dataset.rows.forEach((row, i) => {
      sum += encoder.encode(heads[i] as TickHead, row).bytes.length
    })
    return sum
  })
  const decodeSpeeds = speeds(values, () => {
    const decoder = new TickDecoder((id) => (id === schema.id ? schema : undefined))
    const cursor = new TickCursor(encoded.bytes)
    let sum = 0
    for (let seq = 0; cursor.next(); seq++) {
      if (!decoder.decode(encoded.bytes, cursor.start, cursor.end, RUN, seq)) throw new Error(`tick ${seq} has no key`)
      sum += decoder.values[seq % dataset.series.length] as number
    }
    return sum
  })
  const { bytes, lengthBytes } = encoded
  return [
    figureOf(BENCH, 'bytes-per-value', [bytes.length / values], 'bytes', { atMost: 1.35 }),
    figureOf(BENCH, 'bytes-per-value-without-lengths', [(bytes.length - lengthBytes) / values], 'bytes'),
    figureOf(BENCH, 'encode-values-per-s', encodeSpeeds, '/s', { atLeast: 8e6 }),
    figureOf(BENCH, 'decode-values-per-s', decodeSpeeds, '/s', { atLeast: 30e6 }),
  ]
}

function tickHeads({ wallMs }: Dataset): TickHead[] {
  const startMs = wallMs[0] ?? 0
  return wallMs.map((ms, seq) => ({ seq, wallMs: ms, monoMs: ms - startMs, missed: 0 }))
}

function encodeAll(dataset: Dataset, schema: Schema, heads: readonly TickHead[]): EncodedTicks {
  const encoder = new TickEncoder({ schema, run: RUN, intervalMs: 1000 })
  const bytes: number[] = []
  let lengthBytes = 0
  dataset.rows.forEach((row, i) => {
    const tick = encoder.encode(heads[i] as TickHead, row).bytes
    let rest = tick.length
    for (; rest >= 0x80; rest >>>= 7, lengthBytes++) bytes.push((rest & 0x7f) | 0x80)
    bytes.push(rest, ...tick)
    lengthBytes++
  })
  return { bytes: Uint8Array.from(bytes), lengthBytes }
}

/** Speed and size of a codec that loses values say nothing. */
function verify(dataset: Dataset, schema: Schema, heads: readonly TickHead[], { bytes }: EncodedTicks): void {
  const decoder = new TickDecoder((id) => (id === schema.id ? schema : undefined))
  const cursor = new TickCursor(bytes)
  for (const [seq, row] of dataset.rows.entries()) {
    if (!cursor.next() || !decoder.decode(bytes, cursor.start, cursor.end, RUN, seq))
      throw new Error(`tick ${seq} is lost`)
    if (decoder.wallMs !== heads[seq]?.wallMs) throw new Error(`tick ${seq} came back with another time`)
    checkRow(dataset, seq, row, decoder.values)
  }
  if (cursor.next()) throw new Error('more ticks came back than went in')
}

/** Throws unless the values equal the row to two decimals. */
export function checkRow({ series }: Dataset, seq: number, row: Float64Array, values: Float64Array): void {
  for (const [i, { name }] of series.entries()) {
    const [took, gave] = [row[i] as number, values[i] as number]
    if (took.toFixed(2) !== gave.toFixed(2))
      throw new Error(`tick ${seq}: ${name} was ${took} and came back as ${gave}`)
  }
}

/** `values` are what one pass works through; a pass returns something that depends on all its work. */
function speeds(values: number, pass: () => number): number[] {
  let sink = 0
  const cpuMsOf = (passes: number): number => {
    const before = process.cpuUsage()
    for (let i = 0; i < passes; i++) sink += pass()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  }
  cpuMsOf(WARM_UP_PASSES)
  const passMs = cpuMsOf(WARM_UP_PASSES) / WARM_UP_PASSES
  const passes = Math.max(1, Math.round(RUN_MS / passMs))
  const found = Array.from({ length: RUNS }, () => (values * passes) / (cpuMsOf(passes) / 1000))
  if (!Number.isFinite(sink)) throw new Error('a pass gave nothing')
  return found
}
