import type { Series } from '@godwit/protocol'
import { DeviceLines } from './device-lines.ts'
import { deviceSeries } from './device-series.ts'
import { sameSeries } from './labelled-series.ts'
import { ProcFile } from './proc-file.ts'
import type { Sensor } from './sensor.ts'
import type { TextScanner } from './text-scanner.ts'

const METRICS = [
  'network_receive_bytes_total',
  'network_receive_packets_total',
  'network_receive_errors_total',
  'network_receive_drops_total',
  'network_transmit_bytes_total',
  'network_transmit_packets_total',
  'network_transmit_errors_total',
  'network_transmit_drops_total',
]
const PER_DIRECTION = METRICS.length / 2
const HEADER_LINES = 2
const COLON = 58
const MAX_INTERFACES = 64
/** The loopback says nothing of the network, and a container's end of a cable comes and goes under a new name each time. */
const LEFT_OUT = /^(lo$|veth)/

/** /proc/net/dev: each interface of the network namespace that the collector runs in. */
export class NetworkSensor implements Sensor {
  readonly name = 'network'
  series: readonly Series[] = []
  readonly #file: ProcFile
  readonly #scanner: TextScanner
  #lines = new DeviceLines([], [])

  constructor(root: string, scanner: TextScanner) {
    this.#file = new ProcFile(`${root}/proc/net/dev`)
    this.#scanner = scanner
    this.rescan(Number.NEGATIVE_INFINITY)
  }

  read(values: Float64Array, offset: number, monoMs: number): void {
    values.fill(Number.NaN, offset, offset + this.series.length)
    if (this.series.length === 0 || !this.#file.read(this.#scanner, monoMs)) return
    this.#lines.restart()
    this.#skipHeader()
    for (; !this.#scanner.atEnd(); this.#scanner.nextLine()) {
      const nameEnd = this.#findName()
      const device = this.#lines.deviceAt(this.#scanner.bytes, this.#scanner.position, nameEnd)
      if (device === -1) continue
      // Old kernels write no space between the colon and the first number.
      this.#scanner.position = nameEnd + 1
      this.#readInterface(values, offset + device * METRICS.length)
    }
  }

  rescan(monoMs: number): boolean {
    if (!this.#file.read(this.#scanner, monoMs)) return false
    const names: Buffer[] = []
    this.#skipHeader()
    for (; !this.#scanner.atEnd(); this.#scanner.nextLine()) {
      const nameEnd = this.#findName()
      names.push(this.#scanner.copyTo(nameEnd))
    }
    const { series, lines } = deviceSeries(names, {
      metrics: METRICS,
      label: 'interface',
      maxDevices: MAX_INTERFACES,
      isWanted: (name) => name !== '' && !LEFT_OUT.test(name),
    })
    this.#lines = lines
    if (sameSeries(series, this.series)) return false
    this.series = series
    return true
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]()
  }

  #skipHeader(): void {
    for (let i = 0; i < HEADER_LINES; i++) this.#scanner.nextLine()
  }

  /** Puts the scanner at the line's name and returns where it ends; an empty name on a line that has none. */
  #findName(): number {
    this.#scanner.skipSpaces()
    const end = this.#scanner.endOfLine()
    const colon = this.#scanner.bytes.indexOf(COLON, this.#scanner.position)
    return colon === -1 || colon > end ? this.#scanner.position : colon
  }

  /** Receive: bytes, packets, errors, drops and four more; transmit: bytes, packets, errors, drops and four more. */
  #readInterface(values: Float64Array, at: number): void {
    for (let i = 0; i < PER_DIRECTION; i++) values[at + i] = this.#scanner.integer()
    this.#scanner.skipWords(4)
    for (let i = PER_DIRECTION; i < METRICS.length; i++) values[at + i] = this.#scanner.integer()
  }
}
