import { type Series, seriesOf } from '@godwit/protocol'
import { ProcFile } from './proc-file.ts'
import type { Sensor } from './sensor.ts'
import type { TextScanner } from './text-scanner.ts'

/** Metric, the line of /proc/meminfo that it is, and the line that is taken off it. */
const READINGS: readonly (readonly [metric: string, line: string, less?: string])[] = [
  ['memory_total_bytes', 'MemTotal'],
  ['memory_used_bytes', 'MemTotal', 'MemAvailable'],
  ['memory_free_bytes', 'MemFree'],
  ['memory_available_bytes', 'MemAvailable'],
  ['memory_buffers_bytes', 'Buffers'],
  ['memory_cached_bytes', 'Cached'],
  ['memory_slab_bytes', 'Slab'],
  ['memory_dirty_bytes', 'Dirty'],
  ['swap_total_bytes', 'SwapTotal'],
  ['swap_used_bytes', 'SwapTotal', 'SwapFree'],
]
const BYTES_PER_KB = 1024

interface Line {
  readonly start: Buffer
  readonly search: string
  /** Where the line began in the read before. */
  at: number
}

/** /proc/meminfo: memory and swap. */
export class MemorySensor implements Sensor {
  readonly name = 'memory'
  readonly series: readonly Series[] = READINGS.map(([metric]) => seriesOf(metric))
  readonly #file: ProcFile
  readonly #scanner: TextScanner
  readonly #lines = READINGS.map(([, line, less]) => ({
    line: lineOf(line),
    less: less === undefined ? undefined : lineOf(less),
  }))

  constructor(root: string, scanner: TextScanner) {
    this.#file = new ProcFile(`${root}/proc/meminfo`)
    this.#scanner = scanner
  }

  read(values: Float64Array, offset: number, monoMs: number): void {
    values.fill(Number.NaN, offset, offset + this.series.length)
    if (!this.#file.read(this.#scanner, monoMs)) return
    let at = offset
    for (const { line, less } of this.#lines) {
      values[at++] = this.#bytesOf(line) - (less === undefined ? 0 : this.#bytesOf(less))
    }
  }

  rescan(): boolean {
    return false
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]()
  }

  /** Fast path: the kernel pads the lines to one width, so each is nearly always where it was a second ago. */
  #bytesOf(line: Line): number {
    if (!this.#scanner.has(line.start, line.at)) {
      line.at = this.#scanner.bytes.indexOf(line.search) + 1
      if (!this.#scanner.has(line.start, line.at)) return Number.NaN
    }
    this.#scanner.position = line.at + line.start.length
    return this.#scanner.integer() * BYTES_PER_KB
  }
}

function lineOf(key: string): Line {
  return { start: Buffer.from(`${key}:`), search: `\n${key}:`, at: 0 }
}
