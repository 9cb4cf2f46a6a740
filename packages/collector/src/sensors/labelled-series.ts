import { LIMITS, type Series, seriesOf } from '@godwit/protocol'

/**
 * The series of `metrics` for one device. Undefined if the device's name is too long to be part of a series name: such a
 * device is left out, since one bad name would make the whole schema invalid.
 */
export function labelledSeries(metrics: readonly string[], label: string, device: string): Series[] | undefined {
  const series = metrics.map((metric) => seriesOf(metric, { [label]: device }))
  return series.every((one) => one.name.length <= LIMITS.seriesNameBytes) ? series : undefined
}

/** True if both lists name the same series in the same order. */
export function sameSeries(a: readonly Series[], b: readonly Series[]): boolean {
  return a.length === b.length && a.every((one, index) => one.name === b[index]?.name)
}
