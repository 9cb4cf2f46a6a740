import type { MetricGroup } from '@godwit/protocol'
import type { DisplayUnit } from '../format/value.ts'

/** One line of a chart, or one line for each value of the chart's label. */
export interface LineDefinition {
  readonly name: string
  /** Summed. A line is left out when its collector has none of them. */
  readonly metrics: readonly string[]
  /** Subtracted from the sum. */
  readonly minus?: string
  /** Divides the sum. */
  readonly over?: string
  /** Multiplies the rate of a counter. */
  readonly scale?: number
  /** Drawn below the axis: what goes the other way. */
  readonly mirrored?: boolean
  /** Index into the palette; by position when omitted. */
  readonly color?: number
}

export interface ChartDefinition {
  readonly id: string
  readonly group: MetricGroup
  readonly title: string
  readonly unit: DisplayUnit
  readonly lines: readonly LineDefinition[]
  /** 'rate' makes counters into change per second. */
  readonly read: 'value' | 'rate'
  /** A line for each value of this label; series without it are left out. */
  readonly per?: string
  /** Areas on top of one another; 'heat' draws each line as a row of colors. */
  readonly draw?: 'lines' | 'stack' | 'heat'
  /** Top of the axis: a number, or a metric whose value it is. Otherwise the data decides. */
  readonly top?: number | string
  /** The axis reaches at least so far, so that noise around nothing does not look like load. */
  readonly softTop?: number
  /** Begins the axis at the data instead of zero. */
  readonly floating?: boolean
  /** Shown only when this definition has no line. */
  readonly insteadOf?: string
}

const CPU_BUSY = ['cpu_user_ratio', 'cpu_system_ratio', 'cpu_irq_ratio', 'cpu_steal_ratio'] as const

const line = (name: string, metric: string, more: Partial<LineDefinition> = {}): LineDefinition => ({
  name,
  metrics: [metric],
  ...more,
})

/** Every chart of a collector's page, in its order. A new chart is a new row. */
export const CHARTS: readonly ChartDefinition[] = [
  {
    id: 'cpu',
    group: 'cpu',
    title: 'Processor time',
    unit: 'ratio',
    read: 'value',
    draw: 'stack',
    top: 1,
    lines: [
      line('user', 'cpu_user_ratio', { color: 0 }),
      line('system', 'cpu_system_ratio', { color: 1 }),
      line('iowait', 'cpu_iowait_ratio', { color: 2 }),
      line('irq', 'cpu_irq_ratio', { color: 4 }),
      line('steal', 'cpu_steal_ratio', { color: 5 }),
    ],
  },
  {
    id: 'cpu-used',
    group: 'cpu',
    title: 'Processor time',
    unit: 'ratio',
    read: 'value',
    draw: 'stack',
    top: 1,
    insteadOf: 'cpu',
    lines: [line('used', 'cpu_used_ratio')],
  },
  {
    id: 'cpu-cores',
    group: 'cpu',
    title: 'Cores',
    unit: 'ratio',
    read: 'value',
    draw: 'heat',
    per: 'cpu',
    top: 1,
    lines: [{ name: '', metrics: CPU_BUSY }],
  },
  {
    id: 'load',
    group: 'load',
    title: 'Load average',
    unit: 'none',
    read: 'value',
    softTop: 1,
    lines: [line('1 min', 'load1'), line('5 min', 'load5', { color: 3 }), line('15 min', 'load15', { color: 4 })],
  },
  {
    id: 'memory',
    group: 'memory',
    title: 'Memory in use',
    unit: 'bytes',
    read: 'value',
    draw: 'stack',
    top: 'memory_total_bytes',
    lines: [
      line('used', 'memory_used_bytes', { color: 4 }),
      line('cache, reclaimable', 'memory_available_bytes', { minus: 'memory_free_bytes', color: 0 }),
    ],
  },
  {
    id: 'memory-kernel',
    group: 'memory',
    title: 'Caches and kernel',
    unit: 'bytes',
    read: 'value',
    lines: [
      line('page cache', 'memory_cached_bytes'),
      line('buffers', 'memory_buffers_bytes'),
      line('slab', 'memory_slab_bytes'),
      line('dirty', 'memory_dirty_bytes'),
    ],
  },
  {
    id: 'swap',
    group: 'memory',
    title: 'Swap',
    unit: 'bytes',
    read: 'value',
    draw: 'stack',
    top: 'swap_total_bytes',
    lines: [line('used', 'swap_used_bytes', { color: 3 })],
  },
  {
    id: 'pressure',
    group: 'pressure',
    title: 'Pressure: time that tasks waited',
    unit: 'ratio',
    read: 'value',
    softTop: 0.05,
    lines: [
      line('processor', 'pressure_cpu_some_ratio'),
      line('memory', 'pressure_memory_some_ratio', { color: 4 }),
      line('memory, all tasks', 'pressure_memory_full_ratio', { color: 5 }),
      line('disk', 'pressure_io_some_ratio', { color: 2 }),
      line('disk, all tasks', 'pressure_io_full_ratio', { color: 3 }),
    ],
  },
  {
    id: 'disk-throughput',
    group: 'disk',
    title: 'Disk throughput',
    unit: 'bytes-per-s',
    read: 'rate',
    per: 'device',
    softTop: 4096,
    lines: [line('read', 'disk_read_bytes_total'), line('write', 'disk_written_bytes_total', { mirrored: true })],
  },
  {
    id: 'disk-operations',
    group: 'disk',
    title: 'Disk operations',
    unit: 'count-per-s',
    read: 'rate',
    per: 'device',
    softTop: 5,
    lines: [line('read', 'disk_reads_total'), line('write', 'disk_writes_total', { mirrored: true })],
  },
  {
    id: 'disk-busy',
    group: 'disk',
    title: 'Disk busy',
    unit: 'ratio',
    read: 'rate',
    per: 'device',
    softTop: 0.1,
    // Milliseconds busy in a second are thousandths.
    lines: [line('', 'disk_busy_ms_total', { scale: 0.001 })],
  },
  {
    id: 'filesystem-space',
    group: 'filesystem',
    title: 'Space used',
    unit: 'ratio',
    read: 'value',
    per: 'mount',
    top: 1,
    lines: [line('', 'filesystem_used_bytes', { over: 'filesystem_size_bytes' })],
  },
  {
    id: 'filesystem-inodes',
    group: 'filesystem',
    title: 'Inodes used',
    unit: 'ratio',
    read: 'value',
    per: 'mount',
    top: 1,
    lines: [line('', 'filesystem_inodes_used', { over: 'filesystem_inodes' })],
  },
  {
    id: 'network-throughput',
    group: 'network',
    title: 'Network throughput',
    unit: 'bytes-per-s',
    read: 'rate',
    per: 'interface',
    softTop: 1024,
    lines: [line('in', 'network_receive_bytes_total'), line('out', 'network_transmit_bytes_total', { mirrored: true })],
  },
  {
    id: 'network-packets',
    group: 'network',
    title: 'Packets',
    unit: 'count-per-s',
    read: 'rate',
    per: 'interface',
    softTop: 10,
    lines: [
      line('in', 'network_receive_packets_total'),
      line('out', 'network_transmit_packets_total', { mirrored: true }),
    ],
  },
  {
    id: 'network-trouble',
    group: 'network',
    title: 'Packets damaged or dropped',
    unit: 'count-per-s',
    read: 'rate',
    per: 'interface',
    softTop: 1,
    lines: [
      { name: 'in', metrics: ['network_receive_errors_total', 'network_receive_drops_total'] },
      { name: 'out', metrics: ['network_transmit_errors_total', 'network_transmit_drops_total'], mirrored: true },
    ],
  },
  {
    id: 'temperature',
    group: 'temperature',
    title: 'Temperature',
    unit: 'celsius',
    read: 'value',
    per: 'sensor',
    floating: true,
    lines: [line('', 'temperature_celsius')],
  },
  {
    id: 'fan',
    group: 'temperature',
    title: 'Fans',
    unit: 'rpm',
    read: 'value',
    per: 'sensor',
    lines: [line('', 'fan_rpm')],
  },
  {
    id: 'processes',
    group: 'system',
    title: 'Processes',
    unit: 'count',
    read: 'value',
    softTop: 10,
    lines: [line('processes', 'processes'), line('threads', 'threads', { color: 4 })],
  },
  {
    id: 'tasks',
    group: 'system',
    title: 'Tasks ready and blocked',
    unit: 'count',
    read: 'value',
    softTop: 4,
    lines: [
      line('running or ready', 'processes_running'),
      line('waiting for a disk', 'processes_blocked', { color: 2 }),
    ],
  },
  {
    id: 'switches',
    group: 'system',
    title: 'Context switches and interrupts',
    unit: 'count-per-s',
    read: 'rate',
    softTop: 100,
    lines: [
      line('context switches', 'context_switches_total'),
      line('interrupts', 'interrupts_total', { color: 4 }),
      line('forks', 'forks_total', { color: 2 }),
    ],
  },
  {
    id: 'collector-cpu',
    group: 'collector',
    title: 'Processor time of the collector',
    unit: 'ratio',
    read: 'value',
    softTop: 0.01,
    lines: [line('of one core', 'collector_cpu_ratio')],
  },
  {
    id: 'collector-memory',
    group: 'collector',
    title: 'Memory of the collector',
    unit: 'bytes',
    read: 'value',
    lines: [line('resident', 'collector_memory_bytes', { color: 4 })],
  },
  {
    id: 'collector-queue',
    group: 'collector',
    title: 'Ticks waiting in the queue',
    unit: 'count',
    read: 'value',
    softTop: 20,
    lines: [line('not acknowledged', 'collector_queue_ticks', { color: 1 })],
  },
  {
    id: 'collector-loss',
    group: 'collector',
    title: 'Ticks missed or evicted',
    unit: 'count-per-s',
    read: 'rate',
    softTop: 1,
    lines: [
      line('missed', 'collector_missed_ticks_total', { color: 2 }),
      line('evicted', 'collector_evicted_ticks_total', { color: 3 }),
    ],
  },
]
