import { type Series, seriesOf } from '@godwit/protocol'
import { CPU_TIMES, CpuShares } from './cpu-shares.ts'
import { ProcFile } from './proc-file.ts'
import type { Sensor } from './sensor.ts'
import type { TextScanner } from './text-scanner.ts'

const TOTAL_METRICS = [
  'cpu_used_ratio',
  'cpu_user_ratio',
  'cpu_system_ratio',
  'cpu_iowait_ratio',
  'cpu_irq_ratio',
  'cpu_steal_ratio',
  'cpu_idle_ratio',
]
const CORE_METRICS = TOTAL_METRICS.slice(1)
/** Lines of /proc/stat with one number that counts; in the order in which the kernel writes them. */
const COUNTER_LINES = [
  { key: Buffer.from('intr '), metric: 'interrupts_total' },
  { key: Buffer.from('ctxt '), metric: 'context_switches_total' },
  { key: Buffer.from('processes '), metric: 'forks_total' },
  { key: Buffer.from('procs_running '), metric: 'processes_running' },
  { key: Buffer.from('procs_blocked '), metric: 'processes_blocked' },
]
const CPU = Buffer.from('cpu')
const SPACE = 32

/** More cores than this share the total's series alone: a schema has room for 4096 series in all. */
const MAX_CORES = 256

/**
 * /proc/stat: the processors, all together and each of them, and the kernel's counters. One sensor, because the file is
 * the dearest of /proc to make (the kernel adds up each interrupt of each core) and is to be read once a tick.
 */
export class KernelStatSensor implements Sensor {
  readonly name = 'kernel-stat'
  series: readonly Series[] = []
  readonly #file: ProcFile
  readonly #scanner: TextScanner
  readonly #times = new Float64Array(CPU_TIMES)
  readonly #total = new CpuShares()
  #cores: { readonly number: number; readonly shares: CpuShares }[] = []
  #reads = 0

  constructor(root: string, scanner: TextScanner) {
    this.#file = new ProcFile(`${root}/proc/stat`)
    this.#scanner = scanner
    this.#useCores([])
    this.rescan(Number.NEGATIVE_INFINITY)
  }

  read(values: Float64Array, offset: number, monoMs: number): void {
    values.fill(Number.NaN, offset, offset + this.series.length)
    if (!this.#file.read(this.#scanner, monoMs)) return
    this.#reads++
    const countersAt = this.#readProcessors(values, offset)
    this.#readCounters(values, countersAt)
  }

  rescan(monoMs: number): boolean {
    if (!this.#file.read(this.#scanner, monoMs)) return false
    const numbers: number[] = []
    while (this.#scanner.at(CPU)) {
      const number = this.#coreNumber()
      if (number >= 0 && numbers.length < MAX_CORES) numbers.push(number)
      this.#scanner.nextLine()
    }
    const same =
      numbers.length === this.#cores.length && numbers.every((number, i) => number === this.#cores[i]?.number)
    if (same) return false
    this.#useCores(numbers)
    return true
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]()
  }

  #useCores(numbers: readonly number[]): void {
    const known = new Map(this.#cores.map((core) => [core.number, core.shares]))
    this.#cores = numbers.map((number) => ({ number, shares: known.get(number) ?? new CpuShares() }))
    this.series = [
      ...TOTAL_METRICS.map((metric) => seriesOf(metric)),
      ...numbers.flatMap((number) => CORE_METRICS.map((metric) => seriesOf(metric, { cpu: String(number) }))),
      ...COUNTER_LINES.map(({ metric }) => seriesOf(metric)),
    ]
  }

  /** Reads the lines `cpu` and `cpuN`. Returns where the values of the lines after them belong. */
  #readProcessors(values: Float64Array, offset: number): number {
    const coresAt = offset + TOTAL_METRICS.length
    let next = 0
    while (this.#scanner.at(CPU)) {
      const number = this.#coreNumber()
      if (number === -1) {
        this.#readTimes()
        this.#total.put(this.#times, this.#reads, values, offset + 1)
        values[offset] = usedRatio(values, offset + 1)
      } else {
        const slot =
          this.#cores[next]?.number === number ? next : this.#cores.findIndex((core) => core.number === number)
        if (slot !== -1) {
          this.#readTimes()
          this.#cores[slot]?.shares.put(this.#times, this.#reads, values, coresAt + slot * CORE_METRICS.length)
          next = slot + 1
        }
      }
      this.#scanner.nextLine()
    }
    return coresAt + this.#cores.length * CORE_METRICS.length
  }

  #readCounters(values: Float64Array, offset: number): void {
    let expected = 0
    while (!this.#scanner.atEnd() && expected < COUNTER_LINES.length) {
      for (let i = expected; i < COUNTER_LINES.length; i++) {
        const key = COUNTER_LINES[i]?.key as Buffer
        if (!this.#scanner.at(key)) continue
        this.#scanner.position += key.length
        values[offset + i] = this.#scanner.integer()
        expected = i + 1
        break
      }
      this.#scanner.nextLine()
    }
  }

  /** Goes past the name of a `cpu` line. -1 for the line of all processors. */
  #coreNumber(): number {
    this.#scanner.position += CPU.length
    if (this.#scanner.bytes[this.#scanner.position] === SPACE) return -1
    return this.#scanner.integer()
  }

  #readTimes(): void {
    for (let i = 0; i < CPU_TIMES; i++) this.#times[i] = this.#scanner.integer()
  }
}

/** 1 less idle and waiting for disks, from shares in the order of CpuShares.put. */
function usedRatio(shares: Float64Array, at: number): number {
  return (shares[at] as number) + (shares[at + 1] as number) + (shares[at + 3] as number) + (shares[at + 4] as number)
}
