/**
 * The metric catalogue: the one table that sensors, rollups, API and charts iterate. A new metric is one row here and
 * one reader in the collector. Units are base units; a value is an integer multiple of `resolution`, or any 64-bit
 * float where that is null.
 */
export type MetricKind = 'gauge' | 'counter'

export type Unit = 'none' | 'ratio' | 'bytes' | 'seconds' | 'ms' | 'celsius' | 'rpm' | 'count'

export interface Metric {
  readonly name: string
  readonly unit: Unit
  readonly kind: MetricKind
  readonly resolution: number | null
  /** Label names that a series of this metric may carry; a series may also carry none of them. */
  readonly labels: readonly string[]
  readonly group: MetricGroup
  readonly help: string
}

/** Charts and docs show metrics in these groups, in this order. */
export const METRIC_GROUPS = [
  'cpu',
  'load',
  'memory',
  'pressure',
  'disk',
  'filesystem',
  'network',
  'temperature',
  'system',
  'collector',
] as const

export type MetricGroup = (typeof METRIC_GROUPS)[number]

const gauge = (
  group: MetricGroup,
  name: string,
  unit: Unit,
  resolution: number | null,
  labels: readonly string[],
  help: string,
): Metric => ({ name, unit, kind: 'gauge', resolution, labels, group, help })

const counter = (
  group: MetricGroup,
  name: string,
  unit: Unit,
  resolution: number,
  labels: readonly string[],
  help: string,
): Metric => ({ name, unit, kind: 'counter', resolution, labels, group, help })

export const METRICS: readonly Metric[] = [
  gauge('cpu', 'cpu_used_ratio', 'ratio', 0.001, [], 'Time not idle and not waiting for disks, of all processors'),
  gauge('cpu', 'cpu_user_ratio', 'ratio', 0.001, ['cpu'], 'Time in user code, nice included'),
  gauge('cpu', 'cpu_system_ratio', 'ratio', 0.001, ['cpu'], 'Time in the kernel'),
  gauge('cpu', 'cpu_iowait_ratio', 'ratio', 0.001, ['cpu'], 'Time idle with a disk request pending'),
  gauge('cpu', 'cpu_irq_ratio', 'ratio', 0.001, ['cpu'], 'Time in hard and soft interrupts'),
  gauge('cpu', 'cpu_steal_ratio', 'ratio', 0.001, ['cpu'], 'Time that the hypervisor gave to others'),
  gauge('cpu', 'cpu_idle_ratio', 'ratio', 0.001, ['cpu'], 'Time idle'),
  gauge('load', 'load1', 'none', 0.01, [], 'Runnable and blocked tasks, averaged over 1 minute'),
  gauge('load', 'load5', 'none', 0.01, [], 'Runnable and blocked tasks, averaged over 5 minutes'),
  gauge('load', 'load15', 'none', 0.01, [], 'Runnable and blocked tasks, averaged over 15 minutes'),
  gauge('memory', 'memory_total_bytes', 'bytes', 1024, [], 'Usable memory'),
  gauge('memory', 'memory_used_bytes', 'bytes', 1024, [], 'Total less available'),
  gauge('memory', 'memory_free_bytes', 'bytes', 1024, [], 'Memory that nothing uses'),
  gauge('memory', 'memory_available_bytes', 'bytes', 1024, [], 'Memory that new programs can have without swapping'),
  gauge('memory', 'memory_buffers_bytes', 'bytes', 1024, [], 'Buffers of block devices'),
  gauge('memory', 'memory_cached_bytes', 'bytes', 1024, [], 'Page cache'),
  gauge('memory', 'memory_slab_bytes', 'bytes', 1024, [], 'Structures of the kernel'),
  gauge('memory', 'memory_dirty_bytes', 'bytes', 1024, [], 'Pages waiting to be written to disk'),
  gauge('memory', 'swap_total_bytes', 'bytes', 1024, [], 'Swap space'),
  gauge('memory', 'swap_used_bytes', 'bytes', 1024, [], 'Swap space in use'),
  gauge('pressure', 'pressure_cpu_some_ratio', 'ratio', 0.001, [], 'Time in which some task waited for a processor'),
  gauge('pressure', 'pressure_memory_some_ratio', 'ratio', 0.001, [], 'Time in which some task waited for memory'),
  gauge('pressure', 'pressure_memory_full_ratio', 'ratio', 0.001, [], 'Time in which all tasks waited for memory'),
  gauge('pressure', 'pressure_io_some_ratio', 'ratio', 0.001, [], 'Time in which some task waited for a disk'),
  gauge('pressure', 'pressure_io_full_ratio', 'ratio', 0.001, [], 'Time in which all tasks waited for a disk'),
  counter('disk', 'disk_read_bytes_total', 'bytes', 512, ['device'], 'Bytes read'),
  counter('disk', 'disk_written_bytes_total', 'bytes', 512, ['device'], 'Bytes written'),
  counter('disk', 'disk_reads_total', 'count', 1, ['device'], 'Reads completed'),
  counter('disk', 'disk_writes_total', 'count', 1, ['device'], 'Writes completed'),
  counter('disk', 'disk_busy_ms_total', 'ms', 1, ['device'], 'Time with at least one request in flight'),
  gauge('filesystem', 'filesystem_size_bytes', 'bytes', 1024, ['mount'], 'Size'),
  gauge('filesystem', 'filesystem_used_bytes', 'bytes', 1024, ['mount'], 'Size less free'),
  gauge('filesystem', 'filesystem_inodes', 'count', 1, ['mount'], 'Inodes'),
  gauge('filesystem', 'filesystem_inodes_used', 'count', 1, ['mount'], 'Inodes in use'),
  counter('network', 'network_receive_bytes_total', 'bytes', 1, ['interface'], 'Bytes received'),
  counter('network', 'network_transmit_bytes_total', 'bytes', 1, ['interface'], 'Bytes sent'),
  counter('network', 'network_receive_packets_total', 'count', 1, ['interface'], 'Packets received'),
  counter('network', 'network_transmit_packets_total', 'count', 1, ['interface'], 'Packets sent'),
  counter('network', 'network_receive_errors_total', 'count', 1, ['interface'], 'Packets received damaged'),
  counter('network', 'network_transmit_errors_total', 'count', 1, ['interface'], 'Packets that failed to be sent'),
  counter('network', 'network_receive_drops_total', 'count', 1, ['interface'], 'Packets received and dropped'),
  counter(
    'network',
    'network_transmit_drops_total',
    'count',
    1,
    ['interface'],
    'Packets dropped before they were sent',
  ),
  gauge('temperature', 'temperature_celsius', 'celsius', 0.1, ['sensor'], 'Temperature'),
  gauge('temperature', 'fan_rpm', 'rpm', 1, ['sensor'], 'Speed of a fan'),
  gauge('system', 'uptime_seconds', 'seconds', 1, [], 'Time since boot'),
  gauge('system', 'processes', 'count', 1, [], 'Processes'),
  gauge('system', 'threads', 'count', 1, [], 'Threads of all processes'),
  gauge('system', 'processes_running', 'count', 1, [], 'Tasks on a processor or ready for one'),
  gauge('system', 'processes_blocked', 'count', 1, [], 'Tasks waiting for a disk'),
  counter('system', 'context_switches_total', 'count', 1, [], 'Context switches'),
  counter('system', 'interrupts_total', 'count', 1, [], 'Interrupts served'),
  counter('system', 'forks_total', 'count', 1, [], 'Processes and threads created'),
  gauge('collector', 'collector_cpu_ratio', 'ratio', 0.0001, [], 'Processor time of the collector itself, of one core'),
  gauge('collector', 'collector_memory_bytes', 'bytes', 1024, [], 'Resident memory of the collector itself'),
  gauge(
    'collector',
    'collector_queue_ticks',
    'count',
    1,
    [],
    'Ticks in the queue that the server has not acknowledged',
  ),
  counter('collector', 'collector_evicted_ticks_total', 'count', 1, [], 'Ticks lost because the queue was full'),
  counter('collector', 'collector_missed_ticks_total', 'count', 1, [], 'Ticks that could not be taken'),
]

const BY_NAME: ReadonlyMap<string, Metric> = new Map(METRICS.map((metric) => [metric.name, metric]))

/** The catalogue's row of a metric; undefined for one that only its collector knows. */
export function metricNamed(name: string): Metric | undefined {
  return BY_NAME.get(name)
}
