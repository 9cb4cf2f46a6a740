import { type Series, seriesOf } from '@godwit/protocol'
import { ProcFile } from './proc-file.ts'
import type { Sensor } from './sensor.ts'
import type { TextScanner } from './text-scanner.ts'

const SOME = Buffer.from('some ')
const FULL = Buffer.from('full ')
const US_PER_MS = 1000

/** A line of a file of /proc/pressure, and its running total at the read before. */
interface StallLine {
  readonly key: Buffer
  stalledUs: number
}

/**
 * /proc/pressure/RESOURCE: `some avg10=0.49 avg60=0.28 avg300=0.52 total=13873640`, total in microseconds. The averages
 * of the kernel cover ten seconds and more; the total gives each second its own share. A kernel without pressure stall
 * information, or with it switched off, has no such series.
 */
export class PressureSensor implements Sensor {
  readonly name: string
  series: readonly Series[] = []
  readonly #allSeries: readonly Series[]
  readonly #file: ProcFile
  readonly #scanner: TextScanner
  readonly #lines: readonly StallLine[]
  #readBeforeMs = Number.NaN

  constructor(root: string, resource: 'cpu' | 'memory' | 'io', scanner: TextScanner) {
    this.name = `pressure-${resource}`
    this.#file = new ProcFile(`${root}/proc/pressure/${resource}`)
    this.#scanner = scanner
    // The whole machine never waits for a processor: its `full` line is always 0.
    const keys = resource === 'cpu' ? [SOME] : [SOME, FULL]
    this.#lines = keys.map((key) => ({ key, stalledUs: Number.NaN }))
    this.#allSeries = keys.map((key) => seriesOf(`pressure_${resource}_${key.toString().trim()}_ratio`))
    this.rescan(Number.NEGATIVE_INFINITY)
  }

  read(values: Float64Array, offset: number, monoMs: number): void {
    if (this.series.length === 0) return
    values.fill(Number.NaN, offset, offset + this.series.length)
    if (!this.#file.read(this.#scanner, monoMs)) return
    const elapsedUs = (monoMs - this.#readBeforeMs) * US_PER_MS
    this.#readBeforeMs = monoMs
    this.#lines.forEach((line, index) => {
      const stalledUs = this.#scanner.at(line.key) ? this.#scanner.lastInteger() : Number.NaN
      this.#scanner.nextLine()
      values[offset + index] = stallRatio(stalledUs - line.stalledUs, elapsedUs)
      line.stalledUs = stalledUs
    })
  }

  rescan(monoMs: number): boolean {
    if (this.series.length > 0 || !this.#file.read(this.#scanner, monoMs)) return false
    this.series = this.#allSeries
    return true
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]()
  }
}

/** The kernel takes its time a moment after the tick took its own: a second of full stall may come out a little over 1. */
function stallRatio(stalledUs: number, elapsedUs: number): number {
  return elapsedUs > 0 && stalledUs >= 0 ? Math.min(1, stalledUs / elapsedUs) : Number.NaN
}
