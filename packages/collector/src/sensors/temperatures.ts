import type { Series } from '@godwit/protocol'
import { findHwmonInputs, type HwmonInput } from './hwmon.ts'
import { labelledSeries } from './labelled-series.ts'
import type { Sensor } from './sensor.ts'
import { SlowNumber } from './slow-number.ts'

const MAX_INPUTS = 128
/**
 * A read off the main thread costs 0.1 ms, fifty times one on it. So no more than these a second, in turn: a small
 * machine has its few sensors fresh each second, a large one each of its many every few seconds.
 */
const READS_PER_TICK = 4
/** A value that three turns did not renew is "none", but none younger than this. */
const MIN_STALE_MS = 10_000
const STALE_TURNS = 3

interface Input {
  readonly found: HwmonInput
  readonly series: Series
  readonly file: SlowNumber
}

/** Temperatures and fans. They are read off the main thread, since a bus such as i2c may keep its reader waiting. */
export class TemperaturesSensor implements Sensor {
  readonly name = 'temperatures'
  series: readonly Series[] = []
  readonly #root: string
  readonly #intervalMs: number
  #inputs: readonly Input[] = []
  #next = 0
  #reading = false

  constructor(root: string, intervalMs: number) {
    this.#root = root
    this.#intervalMs = intervalMs
    this.rescan()
  }

  read(values: Float64Array, offset: number, monoMs: number): void {
    const turnMs = Math.ceil(this.#inputs.length / READS_PER_TICK) * this.#intervalMs
    const staleMs = Math.max(MIN_STALE_MS, STALE_TURNS * turnMs)
    this.#inputs.forEach(({ file, found }, index) => {
      const stale = monoMs - file.measuredMs > staleMs
      values[offset + index] = stale ? Number.NaN : file.value / found.perUnit
    })
    if (this.#reading || this.#inputs.length === 0) return
    this.#reading = true
    this.#readSome(Math.min(READS_PER_TICK, this.#inputs.length), monoMs)
  }

  rescan(): boolean {
    const known = new Map(this.#inputs.map((input) => [input.series.name + input.found.path, input]))
    const inputs: Input[] = []
    for (const found of findHwmonInputs(this.#root).slice(0, MAX_INPUTS)) {
      const series = labelledSeries([found.metric], 'sensor', found.sensor)?.[0]
      // Two chips of one device may call a channel by one name; a schema must not.
      if (series === undefined || inputs.some((input) => input.series.name === series.name)) continue
      const input = known.get(series.name + found.path)
      inputs.push(input ?? { found, series, file: new SlowNumber(found.path) })
    }
    const same = inputs.length === this.#inputs.length && inputs.every((input, index) => input === this.#inputs[index])
    if (same) return false
    for (const gone of this.#inputs) if (!inputs.includes(gone)) gone.file[Symbol.dispose]()
    this.#inputs = inputs
    this.series = inputs.map((input) => input.series)
    return true
  }

  [Symbol.dispose](): void {
    for (const { file } of this.#inputs) file[Symbol.dispose]()
    this.#inputs = []
  }

  /** One after the other, so that a bus that is stuck holds one of Node's threads and not all. */
  #readSome(count: number, monoMs: number): void {
    const input = this.#inputs[this.#next % Math.max(1, this.#inputs.length)]
    if (count === 0 || input === undefined) {
      this.#reading = false
      return
    }
    this.#next = (this.#next + 1) % this.#inputs.length
    input.file.refresh(monoMs, () => this.#readSome(count - 1, monoMs))
  }
}
