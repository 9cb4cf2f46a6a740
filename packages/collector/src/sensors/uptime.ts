import { type Series, seriesOf } from '@godwit/protocol'
import { ProcFile } from './proc-file.ts'
import type { Sensor } from './sensor.ts'
import type { TextScanner } from './text-scanner.ts'

/** /proc/uptime: `1166.34 2218.45`: seconds since boot, and seconds that all cores together were idle. */
export class UptimeSensor implements Sensor {
  readonly name = 'uptime'
  readonly series: readonly Series[] = [seriesOf('uptime_seconds')]
  readonly #file: ProcFile
  readonly #scanner: TextScanner

  constructor(root: string, scanner: TextScanner) {
    this.#file = new ProcFile(`${root}/proc/uptime`)
    this.#scanner = scanner
  }

  read(values: Float64Array, offset: number, monoMs: number): void {
    values[offset] = this.#file.read(this.#scanner, monoMs) ? this.#scanner.integer() : Number.NaN
  }

  rescan(): boolean {
    return false
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]()
  }
}
