import { type Series, seriesOf } from '@godwit/protocol'
import { ProcFile } from './proc-file.ts'
import type { Sensor } from './sensor.ts'
import type { TextScanner } from './text-scanner.ts'

const KEYS = [
  'MemTotal',
  'MemFree',
  'MemAvailable',
  'Buffers',
  'Cached',
  'Slab',
  'Dirty',
  'SwapTotal',
  'SwapFree',
] as const
const METRICS = [
  'memory_total_bytes',
  'memory_used_bytes',
  'memory_free_bytes',
  'memory_available_bytes',
  'memory_buffers_bytes',
  'memory_cached_bytes',
  'memory_slab_bytes',
  'memory_dirty_bytes',
  'swap_total_bytes',
  'swap_used_bytes',
]
const BYTES_PER_KB = 1024

/** /proc/meminfo: memory and swap. */
export class MemorySensor implements Sensor {
  readonly name = 'memory'
  readonly series: readonly Series[] = METRICS.map((metric) => seriesOf(metric))
  private readonly file: ProcFile
  private readonly scanner: TextScanner
  private readonly lines = KEYS.map((key) => ({ start: Buffer.from(`${key}:`), search: `\n${key}:`, at: 0 }))
  private readonly found = new Float64Array(KEYS.length)

  constructor(root: string, scanner: TextScanner) {
    this.file = new ProcFile(`${root}/proc/meminfo`)
    this.scanner = scanner
  }

  read(values: Float64Array, offset: number, monoMs: number): void {
    values.fill(Number.NaN, offset, offset + METRICS.length)
    if (!this.file.read(this.scanner, monoMs)) return
    for (let i = 0; i < KEYS.length; i++) this.found[i] = this.bytesOf(i)
    const [total, free, available, buffers, cached, slab, dirty, swapTotal, swapFree] = this.found as unknown as number[]
    values[offset] = total as number
    values[offset + 1] = (total as number) - (available as number)
    values[offset + 2] = free as number
    values[offset + 3] = available as number
    values[offset + 4] = buffers as number
    values[offset + 5] = cached as number
    values[offset + 6] = slab as number
    values[offset + 7] = dirty as number
    values[offset + 8] = swapTotal as number
    values[offset + 9] = (swapTotal as number) - (swapFree as number)
  }

  rescan(): boolean {
    return false
  }

  [Symbol.dispose](): void {
    this.file[Symbol.dispose]()
  }

  /** Fast path: the kernel pads the lines to one width, so each key is nearly always where it was a second ago. */
  private bytesOf(index: number): number {
    const line = this.lines[index]
    if (line === undefined) return Number.NaN
    if (!this.scanner.has(line.start, line.at)) {
      const newline = this.scanner.bytes.indexOf(line.search)
      line.at = newline === -1 ? 0 : newline + 1
      if (!this.scanner.has(line.start, line.at)) return Number.NaN
    }
    this.scanner.position = line.at + line.start.length
    return this.scanner.integer() * BYTES_PER_KB
  }
}
