import { type Series, seriesOf } from '@godwit/protocol'
import { ProcFile } from './proc-file.ts'
import type { Sensor } from './sensor.ts'
import type { TextScanner } from './text-scanner.ts'

const METRICS = ['load1', 'load5', 'load15', 'threads']
const SLASH = 47

/** /proc/loadavg: `0.08 0.05 0.06 1/84 4025`: the loads, runnable of all threads, and the newest process. */
export class LoadSensor implements Sensor {
  readonly name = 'load'
  readonly series: readonly Series[] = METRICS.map((metric) => seriesOf(metric))
  readonly #file: ProcFile
  readonly #scanner: TextScanner

  constructor(root: string, scanner: TextScanner) {
    this.#file = new ProcFile(`${root}/proc/loadavg`)
    this.#scanner = scanner
  }

  read(values: Float64Array, offset: number, monoMs: number): void {
    values.fill(Number.NaN, offset, offset + METRICS.length)
    if (!this.#file.read(this.#scanner, monoMs)) return
    for (let i = 0; i < 3; i++) values[offset + i] = this.#scanner.decimal()
    this.#scanner.integer()
    if (this.#scanner.bytes[this.#scanner.position] !== SLASH) return
    this.#scanner.position++
    values[offset + 3] = this.#scanner.integer()
  }

  rescan(): boolean {
    return false
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]()
  }
}
