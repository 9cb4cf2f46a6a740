import type uPlot from 'uplot'
import type { Gap } from '../api/range-answer.ts'
import type { Palette } from '../theme/palette.ts'
import type { DrawnColumn } from './chart-frame.ts'

/** Columns of a heat map are merged until they are so many canvas pixels wide. */
const MIN_CELL_PX = 2

/** Hatches the plot where ticks will never come. */
export function drawGaps(chart: uPlot, gaps: readonly Gap[], palette: Palette): void {
  if (gaps.length === 0) return
  const { ctx, bbox } = chart
  const pattern = hatchOf(ctx, palette.hatch)
  if (pattern === null) return
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  ctx.fillStyle = pattern
  for (const gap of gaps) {
    const left = chart.valToPos(gap.fromMs, 'x', true)
    // A gap of one second in a day is still seen.
    const width = Math.max(chart.valToPos(gap.toMs, 'x', true) - left, 2)
    ctx.fillRect(left, bbox.top, width, bbox.height)
  }
  ctx.restore()
}

/** A row of colored cells for each column of ratios (0..1), the first on top. */
export function drawHeat(chart: uPlot, columns: readonly DrawnColumn[], stepMs: number, palette: Palette): void {
  const { ctx, bbox } = chart
  const timestampsMs = chart.data[0] as number[]
  const rowPx = bbox.height / columns.length
  const gapPx = rowPx > 8 ? 2 : 0
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  const edges = timestampsMs.map((timestampMs) => Math.round(chart.valToPos(timestampMs, 'x', true)))
  const stepPx = Math.ceil(chart.valToPos((timestampsMs[0] ?? 0) + stepMs, 'x', true) - (edges[0] ?? 0))
  for (const [i, column] of columns.entries()) {
    const top = Math.round(bbox.top + i * rowPx)
    const height = Math.round(bbox.top + (i + 1) * rowPx) - top - gapPx
    let drawnTo = Number.NEGATIVE_INFINITY
    for (let row = 0; row < edges.length; row++) {
      const value = column[row]
      const right = (edges[row] as number) + 1
      if (value === null || value === undefined || right - drawnTo < MIN_CELL_PX) continue
      // A cell reaches back to the one before it, or over its own step after a hole.
      const left = Math.max(right - Math.max(stepPx + 1, MIN_CELL_PX), drawnTo)
      const shade = Math.min(palette.heat.length - 1, Math.floor(Math.max(0, value) * palette.heat.length))
      ctx.fillStyle = palette.heat[shade] as string
      ctx.fillRect(left, top, right - left, height)
      drawnTo = right
    }
  }
  ctx.restore()
}

const hatches = new Map<string, CanvasPattern | null>()

function hatchOf(ctx: CanvasRenderingContext2D, color: string): CanvasPattern | null {
  const known = hatches.get(color)
  if (known !== undefined) return known
  const size = 8
  const tile = new OffscreenCanvas(size, size)
  const tileContext = tile.getContext('2d')
  if (tileContext === null) return null
  tileContext.strokeStyle = color
  tileContext.lineWidth = 1.5
  tileContext.lineCap = 'square'
  for (const offset of [-size, 0, size]) {
    tileContext.beginPath()
    tileContext.moveTo(offset, size)
    tileContext.lineTo(offset + size, 0)
    tileContext.stroke()
  }
  const pattern = ctx.createPattern(tile, 'repeat')
  hatches.set(color, pattern)
  return pattern
}
