import { parseSeriesName } from '@godwit/protocol'
import type { PlannedLine } from '../charts/chart-plan.ts'
import type { DisplayUnit } from '../format/value.ts'

export type SparkKind = 'cpu' | 'memory' | 'network' | 'temperature' | 'disk'

/** A small chart in a row of the fleet. Of several lines it shows the highest. */
export interface SparkPlan {
  readonly kind: SparkKind
  readonly unit: DisplayUnit
  readonly lines: readonly PlannedLine[]
  /** The vertical range holds at least these. */
  readonly low: number
  readonly high: number
}

/** What a row of the fleet asks the server for. */
export const SPARK_METRICS: readonly string[] = [
  'cpu_used_ratio',
  'memory_used_bytes',
  'memory_total_bytes',
  'network_receive_bytes_total',
  'network_transmit_bytes_total',
  'temperature_celsius',
  'filesystem_used_bytes',
  'filesystem_size_bytes',
]

const LINE: PlannedLine = {
  name: '',
  sum: [],
  minus: undefined,
  over: undefined,
  rate: false,
  scale: 1,
  mirrored: false,
  color: 0,
}

/** The small charts that a collector with these series has: at most one of temperature and disk. */
export function planSparks(names: readonly string[]): SparkPlan[] {
  const byMetric = Map.groupBy(names, (name) => parseSeriesName(name).metric)
  const seriesOf = (metric: string): readonly string[] => byMetric.get(metric) ?? []
  const traffic = [...seriesOf('network_receive_bytes_total'), ...seriesOf('network_transmit_bytes_total')].filter(
    (name) => parseSeriesName(name).labels['interface'] !== 'lo',
  )
  const temperatures = seriesOf('temperature_celsius').map((name) => ({ ...LINE, sum: [name] }))
  const disks = seriesOf('filesystem_used_bytes').map((name) => ({
    ...LINE,
    sum: [name],
    over: name.replace('filesystem_used_bytes', 'filesystem_size_bytes'),
  }))
  const plans: SparkPlan[] = [
    {
      kind: 'cpu',
      unit: 'ratio',
      low: 0,
      high: 0.25,
      lines: seriesOf('cpu_used_ratio').map((name) => ({ ...LINE, sum: [name] })),
    },
    {
      kind: 'memory',
      unit: 'ratio',
      low: 0,
      high: 1,
      lines: seriesOf('memory_used_bytes').map((name) => ({ ...LINE, sum: [name], over: 'memory_total_bytes' })),
    },
    {
      kind: 'network',
      unit: 'bytes-per-s',
      low: 0,
      high: 2048,
      lines: traffic.length === 0 ? [] : [{ ...LINE, sum: traffic, rate: true }],
    },
    temperatures.length > 0
      ? { kind: 'temperature', unit: 'celsius', low: 35, high: 75, lines: temperatures }
      : { kind: 'disk', unit: 'ratio', low: 0, high: 1, lines: disks },
  ]
  return plans.filter((plan) => plan.lines.length > 0)
}

/** Rowwise the highest of columns of equal length; NaN where all of them are. */
export function highest(columns: readonly Float64Array[]): Float64Array {
  const [first, ...others] = columns
  const result = Float64Array.from(first ?? [])
  for (const column of others) {
    for (let row = 0; row < result.length; row++) {
      const value = column[row] as number
      if (!(value <= (result[row] as number)) && !Number.isNaN(value)) result[row] = value
    }
  }
  return result
}
