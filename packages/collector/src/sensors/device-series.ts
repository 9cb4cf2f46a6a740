import type { Series } from '@godwit/protocol'
import { deviceLabel } from './device-label.ts'
import { DeviceLines } from './device-lines.ts'
import { labelledSeries } from './labelled-series.ts'

interface DeviceChoice {
  /** The metrics of one device. */
  readonly metrics: readonly string[]
  readonly label: string
  readonly maxDevices: number
  /** Asked with the name as text. */
  readonly isWanted: (label: string) => boolean
}

/**
 * The series of the devices of a table, those of one device behind one another in the order of `metrics`, and the lines by
 * which they are found again. `names` are those of all lines, in their order; it keeps them. Of two names with one text the second
 * is left out, since a schema takes no series twice.
 */
export function deviceSeries(
  names: readonly Buffer[],
  { metrics, label, maxDevices, isWanted }: DeviceChoice,
): { series: Series[]; lines: DeviceLines } {
  const series: Series[] = []
  const labels = new Set<string>()
  const devices = names.map((name) => {
    const device = series.length / metrics.length
    const text = deviceLabel(name)
    if (device >= maxDevices || labels.has(text) || !isWanted(text)) return -1
    const ofDevice = labelledSeries(metrics, label, text)
    if (ofDevice === undefined) return -1
    labels.add(text)
    series.push(...ofDevice)
    return device
  })
  return { series, lines: new DeviceLines(names, devices) }
}
