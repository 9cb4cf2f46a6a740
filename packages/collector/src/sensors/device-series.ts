import type { Series } from '@godwit/protocol'
import { DeviceLines } from './device-lines.ts'
import { labelledSeries } from './labelled-series.ts'

interface DeviceChoice {
  /** The metrics of one device. */
  readonly metrics: readonly string[]
  readonly label: string
  readonly maxDevices: number
  readonly isWanted: (name: string) => boolean
}

/**
 * The series of the devices of a table, those of one device behind one another in the order of `metrics`, and the lines by
 * which they are found again. `names` are those of all lines, in their order.
 */
export function deviceSeries(
  names: readonly string[],
  { metrics, label, maxDevices, isWanted }: DeviceChoice,
): { series: Series[]; lines: DeviceLines } {
  const series: Series[] = []
  const devices = names.map((name) => {
    const device = series.length / metrics.length
    const ofDevice = device < maxDevices && isWanted(name) ? labelledSeries(metrics, label, name) : undefined
    if (ofDevice === undefined) return -1
    series.push(...ofDevice)
    return device
  })
  return { series, lines: new DeviceLines(names, devices) }
}
