import { type Series, seriesOf } from '@godwit/protocol'
import type { Hardware, Load, MachineRole } from './machine-role.ts'
import { Noise } from './noise.ts'

/** What the meters of a machine show. Counters grow from its boot on. */
interface Meters {
  readonly hardware: Hardware
  load: Load
  load1: number
  load5: number
  load15: number
  readBytes: number
  writtenBytes: number
  diskReads: number
  diskWrites: number
  diskBusyMs: number
  receivedBytes: number
  sentBytes: number
  filesystemUsedBytes: number
  celsius: number
  upS: number
  contextSwitches: number
  interrupts: number
  forks: number
  /** 0..1, another each second. */
  jitter: number
}

interface Gauge {
  readonly series: Series
  readonly read: (meters: Meters) => number
}

const PACKET_BYTES = 900
const SECTOR_BYTES = 512

/** A whole machine that exists in numbers alone. Time goes by `step`, a second each; the same seed lives the same life. */
export class SimulatedMachine {
  readonly series: readonly Series[]
  readonly hardware: Hardware
  readonly #gauges: readonly Gauge[]
  readonly #role: MachineRole
  readonly #noise: Noise
  readonly #values: Float64Array
  readonly #meters: Meters

  /** `upS`: how long it has been up at `startS`; undefined for a machine that has been up for weeks. */
  constructor(role: MachineRole, seed: number, startS: number, upS?: number) {
    this.#role = role
    this.#noise = new Noise(seed)
    this.hardware = role.hardware
    this.#gauges = gaugesOf(role.hardware)
    this.series = this.#gauges.map(({ series }) => series)
    this.#values = new Float64Array(this.#gauges.length)
    this.#meters = metersAtStart(role, this.#noise, startS, upS ?? weeksUp(this.#noise))
  }

  /** What it does in the second `timeS`, unix time; one value a series. The next call overwrites it. */
  step(timeS: number): Float64Array {
    advance(this.#meters, this.#role.load(timeS, this.#noise), this.#noise.white(90, timeS))
    const values = this.#values
    for (const [i, gauge] of this.#gauges.entries()) values[i] = gauge.read(this.#meters)
    return values
  }
}

function weeksUp(noise: Noise): number {
  return 3600 * (30 + Math.floor(noise.white(91, 0) * 2000))
}

function metersAtStart(role: MachineRole, noise: Noise, startS: number, upS: number): Meters {
  const load = role.load(startS, noise)
  const busy = (load.userRatio + load.systemRatio) * role.hardware.cpus
  return {
    hardware: role.hardware,
    load,
    load1: busy,
    load5: busy,
    load15: busy,
    readBytes: 4e9,
    writtenBytes: Math.floor(upS * load.writtenBytes * 0.3),
    diskReads: 2e5,
    diskWrites: upS * 3,
    diskBusyMs: upS * 20,
    receivedBytes: Math.floor(upS * load.receivedBytes * 0.7),
    sentBytes: Math.floor(upS * load.sentBytes * 0.7),
    filesystemUsedBytes: role.hardware.diskBytes * (0.25 + 0.4 * noise.white(92, 0)),
    celsius: load.celsius,
    upS,
    contextSwitches: upS * 900,
    interrupts: upS * 500,
    forks: upS * 2,
    jitter: 0,
  }
}

function advance(meters: Meters, load: Load, jitter: number): void {
  const { cpus } = meters.hardware
  const busy = load.userRatio + load.systemRatio
  const runnable = busy * cpus + load.iowaitRatio * 2
  const packets = (load.receivedBytes + load.sentBytes) / PACKET_BYTES
  meters.load = load
  meters.load1 += (runnable - meters.load1) / 60
  meters.load5 += (runnable - meters.load5) / 300
  meters.load15 += (runnable - meters.load15) / 900
  meters.readBytes += sectors(load.readBytes)
  meters.writtenBytes += sectors(load.writtenBytes)
  meters.diskReads += Math.ceil(load.readBytes / 64e3)
  meters.diskWrites += Math.ceil(load.writtenBytes / 96e3)
  meters.diskBusyMs += Math.min(1000, Math.round((load.readBytes + load.writtenBytes) / 250e3))
  meters.receivedBytes += Math.floor(load.receivedBytes)
  meters.sentBytes += Math.floor(load.sentBytes)
  meters.filesystemUsedBytes += load.writtenBytes * 0.002
  if (meters.filesystemUsedBytes > meters.hardware.diskBytes * 0.93) meters.filesystemUsedBytes *= 0.6
  // Metal takes a while to warm.
  meters.celsius += (load.celsius - meters.celsius) / 40
  meters.upS++
  meters.contextSwitches += Math.floor(300 + 12_000 * busy * cpus + packets * 0.4 + 80 * jitter)
  meters.interrupts += Math.floor(180 + 2500 * busy * cpus + packets * 0.6 + 60 * jitter)
  meters.forks += Math.floor(busy * cpus * 3 + 2 * jitter)
  meters.jitter = jitter
}

function sectors(bytes: number): number {
  return Math.floor(bytes / SECTOR_BYTES) * SECTOR_BYTES
}

function gaugesOf(hardware: Hardware): Gauge[] {
  const gauge = (metric: string, read: (meters: Meters) => number, labels: Record<string, string> = {}): Gauge => ({
    series: seriesOf(metric, labels),
    read,
  })
  const disk = { device: hardware.device }
  const network = { interface: hardware.interface }
  const mount = { mount: '/' }
  const { memoryBytes } = hardware
  const used = ({ load }: Meters): number => memoryBytes * Math.min(0.97, load.memoryRatio)
  const free = (meters: Meters): number => (memoryBytes - used(meters)) * 0.35
  const idle = ({ load }: Meters): number => Math.max(0, 1 - load.userRatio - load.systemRatio - load.iowaitRatio)
  return [
    gauge('cpu_used_ratio', ({ load }) => Math.min(1, load.userRatio + load.systemRatio)),
    gauge('cpu_user_ratio', ({ load }) => load.userRatio),
    gauge('cpu_system_ratio', ({ load }) => load.systemRatio * 0.92),
    gauge('cpu_iowait_ratio', ({ load }) => load.iowaitRatio),
    gauge('cpu_irq_ratio', ({ load }) => load.systemRatio * 0.08),
    gauge('cpu_idle_ratio', idle),
    ...Array.from({ length: hardware.cpus }, (_, cpu) => {
      // No two processors carry the same share.
      const share = (ratio: number, jitter: number): number =>
        Math.min(1, ratio * (0.7 + (((cpu * 7) % 5) + jitter) / 8))
      const labels = { cpu: String(cpu) }
      return [
        gauge('cpu_user_ratio', ({ load, jitter }) => share(load.userRatio, jitter), labels),
        gauge('cpu_system_ratio', ({ load, jitter }) => share(load.systemRatio, jitter), labels),
      ]
    }).flat(),
    gauge('load1', (meters) => meters.load1),
    gauge('load5', (meters) => meters.load5),
    gauge('load15', (meters) => meters.load15),
    gauge('memory_total_bytes', () => memoryBytes),
    gauge('memory_used_bytes', used),
    gauge('memory_free_bytes', free),
    gauge('memory_available_bytes', (meters) => memoryBytes - used(meters)),
    gauge('memory_cached_bytes', (meters) => (memoryBytes - used(meters)) * 0.55),
    gauge('memory_buffers_bytes', (meters) => (memoryBytes - used(meters)) * 0.08),
    gauge('memory_dirty_bytes', ({ load }) => load.writtenBytes * 1.4),
    gauge('swap_total_bytes', () => memoryBytes / 4),
    gauge('swap_used_bytes', ({ load }) => (memoryBytes / 4) * Math.max(0, load.memoryRatio - 0.7)),
    gauge('pressure_cpu_some_ratio', ({ load }) => Math.max(0, load.userRatio + load.systemRatio - 0.55) * 0.8),
    gauge('pressure_memory_some_ratio', ({ load }) => Math.max(0, load.memoryRatio - 0.85) * 0.5),
    gauge('pressure_io_some_ratio', ({ load }) => load.iowaitRatio * 0.9),
    gauge('pressure_io_full_ratio', ({ load }) => load.iowaitRatio * 0.5),
    gauge('disk_read_bytes_total', (meters) => meters.readBytes, disk),
    gauge('disk_written_bytes_total', (meters) => meters.writtenBytes, disk),
    gauge('disk_reads_total', (meters) => meters.diskReads, disk),
    gauge('disk_writes_total', (meters) => meters.diskWrites, disk),
    gauge('disk_busy_ms_total', (meters) => meters.diskBusyMs, disk),
    gauge('filesystem_size_bytes', () => hardware.diskBytes, mount),
    gauge('filesystem_used_bytes', (meters) => meters.filesystemUsedBytes, mount),
    gauge('network_receive_bytes_total', (meters) => meters.receivedBytes, network),
    gauge('network_transmit_bytes_total', (meters) => meters.sentBytes, network),
    gauge('network_receive_packets_total', (meters) => Math.floor(meters.receivedBytes / PACKET_BYTES), network),
    gauge('network_transmit_packets_total', (meters) => Math.floor(meters.sentBytes / PACKET_BYTES), network),
    gauge('temperature_celsius', (meters) => meters.celsius, { sensor: 'cpu' }),
    gauge('uptime_seconds', (meters) => meters.upS),
    gauge('processes', ({ load }) => Math.floor(96 + 60 * load.userRatio)),
    gauge('threads', ({ load }) => Math.floor(210 + 240 * load.userRatio)),
    gauge('processes_running', ({ load }) => 1 + Math.floor(load.userRatio * hardware.cpus)),
    gauge('processes_blocked', ({ load }) => Math.floor(load.iowaitRatio * 10)),
    gauge('context_switches_total', (meters) => meters.contextSwitches),
    gauge('interrupts_total', (meters) => meters.interrupts),
    gauge('forks_total', (meters) => meters.forks),
    gauge('collector_cpu_ratio', ({ jitter }) => 0.004 + 0.002 * jitter),
    gauge('collector_memory_bytes', () => 41 * 2 ** 20),
  ]
}
