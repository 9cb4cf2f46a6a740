import nodeOs from 'node:os'
import { type Series, seriesOf } from '@godwit/protocol'
import type { Sensor } from './sensor.ts'

/** The part of node:os that this sensor reads. Times in ms, memory in bytes, uptime in seconds. */
export type OsFacts = Pick<typeof nodeOs, 'cpus' | 'totalmem' | 'freemem' | 'loadavg' | 'uptime'>

const CPU_METRICS = ['cpu_used_ratio', 'cpu_user_ratio', 'cpu_system_ratio', 'cpu_irq_ratio', 'cpu_idle_ratio']
const OTHER_METRICS = ['memory_total_bytes', 'memory_used_bytes', 'memory_free_bytes', 'uptime_seconds']
const LOAD_METRICS = ['load1', 'load5', 'load15']
const TIMES = ['user', 'nice', 'sys', 'irq', 'idle'] as const

/** What node:os knows of any system, for those that are not Linux. */
export class OsSensor implements Sensor {
  readonly name = 'os'
  readonly series: readonly Series[]
  readonly #os: OsFacts
  readonly #hasLoad: boolean
  #before: readonly number[] | undefined

  constructor(platform: NodeJS.Platform, os: OsFacts = nodeOs) {
    this.#os = os
    // Windows has no load average, and node:os says 0.
    this.#hasLoad = platform !== 'win32'
    const metrics = [...CPU_METRICS, ...OTHER_METRICS, ...(this.#hasLoad ? LOAD_METRICS : [])]
    this.series = metrics.map((metric) => seriesOf(metric))
  }

  read(values: Float64Array, offset: number): void {
    const total = this.#os.totalmem()
    const free = this.#os.freemem()
    values.set(this.#cpuShares(), offset)
    values.set([total, total - free, free, Math.floor(this.#os.uptime())], offset + CPU_METRICS.length)
    if (this.#hasLoad) values.set(this.#os.loadavg(), offset + CPU_METRICS.length + OTHER_METRICS.length)
  }

  rescan(): boolean {
    return false
  }

  [Symbol.dispose](): void {}

  /** In the order of CPU_METRICS; NaN at the first read and when no time went by. */
  #cpuShares(): number[] {
    const cores = this.#os.cpus()
    const times = TIMES.map((time) => cores.reduce((sum, core) => sum + core.times[time], 0))
    const moved = times.map((time, index) => Math.max(0, time - (this.#before?.[index] ?? Number.NaN)))
    this.#before = times
    const all = moved.reduce((sum, time) => sum + time, 0)
    const [user, nice, system, irq, idle] = moved.map((time) => (all > 0 ? time / all : Number.NaN)) as [
      number,
      number,
      number,
      number,
      number,
    ]
    return [user + nice + system + irq, user + nice, system, irq, idle]
  }
}
