import type { Series } from '@godwit/protocol'
import { CollectorError } from '../errors.ts'
import type { Sensor } from '../sensors/sensor.ts'
import type { Clock } from './clock.ts'
import { TickSchedule } from './tick-schedule.ts'

/** One reading of all sensors. */
export interface Sample {
  /** One value a series, in the order of `Sampler.series`; NaN is "none". The sampler's own: valid until the next tick. */
  readonly values: Float64Array
  /** True in the first sample, and in the first after `Sampler.series` changed. */
  readonly seriesChanged: boolean
  readonly wallMs: number
  readonly monoMs: number
  /** Intervals before this tick in which none could be taken. */
  readonly missed: number
}

export interface SamplerOptions {
  /** The sampler's from now on: it disposes of them when `signal` aborts. */
  readonly sensors: readonly Sensor[]
  readonly clock: Clock
  readonly intervalMs?: number
  readonly signal: AbortSignal
  /** Called on each tick. What it throws is not caught. */
  readonly onSample: (sample: Sample) => void
  /**
   * Called when a sensor throws, which it must not: its values are "none" in that tick. And once for a sensor that gives a series
   * which is there already: the second is left out.
   */
  readonly onSensorError?: (sensor: string, error: unknown) => void
}

const DEFAULT_INTERVAL_MS = 1000
const RESCAN_MS = 10_000

/** Reads all sensors on each second of the wall clock and hands the values on. */
export class Sampler {
  /** What the values of a sample stand for. A new array whenever it changes. */
  series: readonly Series[] = []
  readonly #options: SamplerOptions
  readonly #schedule: TickSchedule
  readonly #rescanTicks: number
  /** One value a series of the sensors. */
  #values = new Float64Array(0)
  /** Where in #values those of `series` are, and room for them; undefined if they are all of them. */
  #distinct: { readonly places: readonly number[]; readonly values: Float64Array } | undefined
  readonly #repeating = new Set<string>()
  #seriesChanged = true
  #ticks = 0
  #timer: Disposable | undefined

  constructor(options: SamplerOptions) {
    const intervalMs = options.intervalMs ?? DEFAULT_INTERVAL_MS
    this.#options = options
    this.#schedule = new TickSchedule(intervalMs)
    this.#rescanTicks = Math.max(1, Math.round(RESCAN_MS / intervalMs))
    this.#collectSeries()
  }

  /** The first tick comes with the next full second of the wall clock. To be called once. */
  start(): void {
    const { clock, signal } = this.#options
    if (signal.aborted) {
      this.#stop()
      return
    }
    signal.addEventListener('abort', () => this.#stop(), { once: true })
    this.#schedule.start(clock.wallMs(), clock.monoMs())
    this.#wait()
  }

  #stop(): void {
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
    for (const sensor of this.#options.sensors) sensor[Symbol.dispose]()
  }

  #wait(): void {
    const { clock } = this.#options
    const delayMs = Math.max(0, this.#schedule.dueMs - clock.monoMs())
    this.#timer = clock.setTimer(delayMs, () => this.#wake())
  }

  #wake(): void {
    const { clock, signal } = this.#options
    const wallMs = clock.wallMs()
    const monoMs = clock.monoMs()
    // A timer may come a millisecond early, and after a stall so late that the tick waits for the next second.
    const missed = this.#schedule.take(wallMs, monoMs)
    if (missed === 'wait') {
      this.#wait()
      return
    }
    this.#tick(wallMs, monoMs, missed)
    if (!signal.aborted) this.#wait()
  }

  #tick(wallMs: number, monoMs: number, missed: number): void {
    let offset = 0
    for (const sensor of this.#options.sensors) {
      this.#read(sensor, offset, monoMs)
      offset += sensor.series.length
    }
    const seriesChanged = this.#seriesChanged
    this.#seriesChanged = false
    this.#options.onSample({ values: this.#distinctValues(), seriesChanged, wallMs, monoMs, missed })
    if (!this.#options.signal.aborted) this.#rescanSome(monoMs)
    this.#ticks++
  }

  #read(sensor: Sensor, offset: number, monoMs: number): void {
    try {
      sensor.read(this.#values, offset, monoMs)
    } catch (error) {
      this.#values.fill(Number.NaN, offset, offset + sensor.series.length)
      this.#options.onSensorError?.(sensor.name, error)
    }
  }

  /** Each sensor in its own tick of the ten seconds, after the values are handed on, so that no tick is slow or late. */
  #rescanSome(monoMs: number): void {
    const { sensors, onSensorError } = this.#options
    let changed = false
    for (let i = this.#ticks % this.#rescanTicks; i < sensors.length; i += this.#rescanTicks) {
      const sensor = sensors[i] as Sensor
      try {
        changed = sensor.rescan(monoMs) || changed
      } catch (error) {
        onSensorError?.(sensor.name, error)
      }
    }
    if (changed) this.#collectSeries()
  }

  #collectSeries(): void {
    const names = new Set<string>()
    const series: Series[] = []
    const places: number[] = []
    let place = 0
    for (const sensor of this.#options.sensors) {
      for (const one of sensor.series) {
        if (names.has(one.name)) {
          this.#reportRepeated(sensor, one)
        } else {
          names.add(one.name)
          series.push(one)
          places.push(place)
        }
        place++
      }
    }
    this.series = series
    this.#values = new Float64Array(place)
    this.#distinct = places.length === place ? undefined : { places, values: new Float64Array(places.length) }
    this.#seriesChanged = true
  }

  /** A sensor has a bug then, and with such a series no schema could be made of all the others. */
  #reportRepeated(sensor: Sensor, { name }: Series): void {
    if (this.#repeating.has(sensor.name)) return
    this.#repeating.add(sensor.name)
    this.#options.onSensorError?.(
      sensor.name,
      new CollectorError('SERIES_REPEATED', { what: `${name} is there already` }),
    )
  }

  #distinctValues(): Float64Array {
    if (this.#distinct === undefined) return this.#values
    const { places, values } = this.#distinct
    places.forEach((place, index) => {
      values[index] = this.#values[place] as number
    })
    return values
  }
}
