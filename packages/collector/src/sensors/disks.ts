import { readdirSync, readFileSync } from 'node:fs'
import type { Series } from '@godwit/protocol'
import { deviceLabel } from './device-label.ts'
import { DeviceLines } from './device-lines.ts'
import { deviceSeries } from './device-series.ts'
import { sameSeries } from './labelled-series.ts'
import { ProcFile } from './proc-file.ts'
import { MAX_EXACT, type Sensor } from './sensor.ts'
import type { TextScanner } from './text-scanner.ts'

const METRICS = [
  'disk_read_bytes_total',
  'disk_written_bytes_total',
  'disk_reads_total',
  'disk_writes_total',
  'disk_busy_ms_total',
]
/** The unit of /proc/diskstats, whatever the sectors of the device are (Documentation/admin-guide/iostats.rst). */
const SECTOR_BYTES = 512
const MAX_DISKS = 64
/** Files and memory in the dress of a disk. */
const NOT_A_DISK = /^(loop|ram|zram)\d+$/

/** /proc/diskstats: whole disks, without their partitions and without drives that hold no medium. */
export class DisksSensor implements Sensor {
  readonly name = 'disks'
  series: readonly Series[] = []
  readonly #root: string
  readonly #file: ProcFile
  readonly #scanner: TextScanner
  #lines = new DeviceLines([], [])

  constructor(root: string, scanner: TextScanner) {
    this.#root = root
    this.#file = new ProcFile(`${root}/proc/diskstats`)
    this.#scanner = scanner
    this.rescan(Number.NEGATIVE_INFINITY)
  }

  read(values: Float64Array, offset: number, monoMs: number): void {
    values.fill(Number.NaN, offset, offset + this.series.length)
    if (this.series.length === 0 || !this.#file.read(this.#scanner, monoMs)) return
    this.#lines.restart()
    const scanner = this.#scanner
    for (; !scanner.atEnd(); scanner.nextLine()) {
      scanner.skipWords(2)
      scanner.skipSpaces()
      const nameEnd = scanner.endOfWord()
      const disk = this.#lines.deviceAt(scanner.bytes, scanner.position, nameEnd)
      if (disk === -1) continue
      scanner.position = nameEnd
      this.#readDisk(values, offset + disk * METRICS.length)
    }
  }

  rescan(monoMs: number): boolean {
    if (!this.#file.read(this.#scanner, monoMs)) return false
    const names: Buffer[] = []
    for (; !this.#scanner.atEnd(); this.#scanner.nextLine()) {
      this.#scanner.skipWords(2)
      this.#scanner.skipSpaces()
      names.push(this.#scanner.copyTo(this.#scanner.endOfWord()))
    }
    const whole = wholeDisks(this.#root, names.map(deviceLabel))
    const { series, lines } = deviceSeries(names, {
      metrics: METRICS,
      label: 'device',
      maxDevices: MAX_DISKS,
      isWanted: (name) => whole.has(name),
    })
    this.#lines = lines
    if (sameSeries(series, this.series)) return false
    this.series = series
    return true
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]()
  }

  /** After the name: reads, merged, sectors, ms; writes, merged, sectors, ms; in flight, busy ms. */
  #readDisk(values: Float64Array, at: number): void {
    const scanner = this.#scanner
    values[at + 2] = scanner.integer()
    scanner.skipWords(1)
    values[at] = bytesOf(scanner.integer())
    scanner.skipWords(1)
    values[at + 3] = scanner.integer()
    scanner.skipWords(1)
    values[at + 1] = bytesOf(scanner.integer())
    scanner.skipWords(2)
    values[at + 4] = scanner.integer()
  }
}

function bytesOf(sectors: number): number {
  const bytes = sectors * SECTOR_BYTES
  return bytes > MAX_EXACT ? Number.NaN : bytes
}

/** Which of `names` are disks with a medium: /sys/block lists whole disks alone, `/` in a name written as `!`. */
function wholeDisks(root: string, names: readonly string[]): Set<string> {
  const candidates = names.filter((name) => !NOT_A_DISK.test(name))
  let listed: Set<string>
  try {
    listed = new Set(readdirSync(`${root}/sys/block`, 'buffer').map(deviceLabel))
  } catch {
    // Without /sys (some containers) nothing tells a partition from a disk but its name.
    return new Set(candidates.filter((name) => !isPartitionName(name, candidates)))
  }
  return new Set(
    candidates.filter((name) => {
      const directory = name.replaceAll('/', '!')
      return listed.has(directory) && !isEmpty(`${root}/sys/block/${directory}/size`)
    }),
  )
}

function isEmpty(sizePath: string): boolean {
  try {
    return readFileSync(sizePath, 'latin1').trim() === '0'
  } catch {
    return false
  }
}

/** sda1 beside sda, mmcblk0p2 beside mmcblk0. */
function isPartitionName(name: string, names: readonly string[]): boolean {
  return names.some((disk) => name !== disk && name.startsWith(disk) && /^p?\d+$/.test(name.slice(disk.length)))
}
