import uPlot from 'uplot'
import type { DrawnColumn } from './chart-frame.ts'

/** On a layer that is thinner one would see its stroke alone: as the outline of the whole stack. */
const MIN_HEIGHT_PX = 2

const linear = uPlot.paths.linear?.()

/** Paths of a layer that stands on another one: filled as a line is, stroked where the layer has a height. */
export function layerPaths(chart: uPlot, seriesIndex: number, first: number, last: number): uPlot.Series.Paths | null {
  const paths = linear?.(chart, seriesIndex, first, last) ?? null
  if (paths === null) return null
  const layer = chart.data[seriesIndex] as DrawnColumn
  const below = chart.data[seriesIndex - 1] as DrawnColumn
  const timestampsMs = chart.data[0]
  const stroke = new Path2D()
  for (const [from, to] of strokedSpans(layer, below, minHeight(chart), first, last)) {
    for (let row = from; row <= to; row++) {
      const x = Math.round(chart.valToPos(timestampsMs[row] as number, 'x', true))
      const y = Math.round(chart.valToPos(layer[row] as number, 'y', true))
      if (row === from) stroke.moveTo(x, y)
      else stroke.lineTo(x, y)
    }
  }
  return { ...paths, stroke }
}

/** The row that the cursor marks in a layer of a stack; null where it stands on another one and has no height. */
export function pointedRow(chart: uPlot, seriesIndex: number, row: number): number | null {
  const [, ...layers] = chart.data as DrawnColumn[]
  const layer = layers[seriesIndex - 1]
  const below = layers[seriesIndex - 2]
  if (layer === undefined || below === undefined) return row
  return hasHeight(layer, below, minHeight(chart), row) ? row : null
}

/**
 * Spans of rows, both ends within [first, last], in which `layer` stands higher than `below` by `minHeight` at least, each
 * with the row before and after it, where the layer begins and ends.
 */
export function strokedSpans(
  layer: DrawnColumn,
  below: DrawnColumn,
  minHeight: number,
  first: number,
  last: number,
): [from: number, to: number][] {
  const spans: [number, number][] = []
  for (let row = first; row <= last; row++) {
    const isStroked =
      (layer[row] ?? null) !== null && [row - 1, row, row + 1].some((near) => hasHeight(layer, below, minHeight, near))
    if (!isStroked) continue
    const span = spans.at(-1)
    if (span?.[1] === row - 1) span[1] = row
    else spans.push([row, row])
  }
  return spans
}

function hasHeight(layer: DrawnColumn, below: DrawnColumn, minHeight: number, row: number): boolean {
  const sum = layer[row] ?? null
  return sum !== null && sum - (below[row] ?? 0) >= minHeight
}

/** In the unit of the chart. */
function minHeight(chart: uPlot): number {
  const { min = 0, max = 1 } = chart.scales['y'] ?? {}
  return ((max - min) * MIN_HEIGHT_PX * devicePixelRatio) / chart.bbox.height
}
