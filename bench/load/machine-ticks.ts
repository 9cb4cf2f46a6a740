import { type Dataset, readDataset } from '../dataset.ts'

const dataset: Dataset = readDataset()

/** Names of the values of a row. */
export const seriesNames: readonly string[] = dataset.series.map(({ name }) => name)

/** What machine number `index` has at its tick `seq`: each starts elsewhere in the recording, so that no two send the same bytes. */
export function machineTick(index: number, seq: number, startMs: number): { row: Float64Array; wallMs: number } {
  return {
    row: dataset.rows[(seq + index * 7) % dataset.rows.length] as Float64Array,
    wallMs: startMs + seq * 1000 + ((seq * 31 + index) % 3),
  }
}

/** The start that lets a machine's last tick be now, in full seconds. */
export function startOfTicksMs(ticks: number): number {
  return (Math.floor(Date.now() / 1000) - ticks) * 1000
}
