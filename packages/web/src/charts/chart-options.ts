import type uPlot from 'uplot'
import { formatTimeAxis, timeTicks } from '../format/time.ts'
import { axisIncrements, formatAxis } from '../format/value.ts'
import { type Palette, seriesColor, translucent } from '../theme/palette.ts'
import type { DrawnColumn } from './chart-frame.ts'
import type { ChartPlan } from './chart-plan.ts'
import { layerPaths, pointedRow } from './layer-stroke.ts'
import { type RangeRule, valueRange } from './value-range.ts'

/** What an options object asks its chart for while drawing: theme, range and data change, the uPlot instance stays. */
export interface ChartSource {
  readonly plan: ChartPlan
  readonly palette: () => Palette
  readonly viewMs: () => [number, number]
  readonly top: () => number | undefined
}

export interface ChartSize {
  readonly widthPx: number
  readonly heightPx: number
}

/** All charts of a page share one cursor under this name. */
export const CURSOR_SYNC_KEY = 'collector'

const AXIS_FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif'
/** Of a digit and of a colon in that font, or a bit more. */
const AXIS_CHARACTER_PX = 6
const RIGHT_PADDING_PX = 8
const MINUTE_MS = 60_000
const TIME_INCREMENTS_MS = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * 1000),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 4, 6, 12, 24, 48, 168].map((hours) => hours * 60 * MINUTE_MS),
]

export function chartOptions(
  source: ChartSource,
  size: ChartSize,
  banded: boolean,
  hooks: uPlot.Hooks.Arrays,
): uPlot.Options {
  const { plan } = source
  return {
    width: size.widthPx,
    height: size.heightPx,
    ms: 1,
    padding: [8, RIGHT_PADDING_PX, 0, 0],
    legend: { show: false },
    scales: {
      x: { time: true, range: () => source.viewMs() },
      y: { range: rangeOf(source) },
    },
    axes: [timeAxis(source), plan.draw === 'heat' ? rowAxis(source) : valueAxis(source)],
    series: [{}, ...plan.lines.map((line, i) => lineSeries(source, line.color, i)), ...bandEdges(plan, banded)],
    bands: plan.draw === 'stack' ? stackBands(source) : banded ? extremeBands(source) : [],
    cursor: {
      y: false,
      ...(plan.draw === 'stack' && { dataIdx: pointedRow }),
      points:
        plan.draw === 'heat'
          ? { show: false }
          : { size: 7, width: 2, stroke: () => source.palette().surface, fill: (_, i) => lineColor(source, i) },
      drag: { x: true, y: false, setScale: false, dist: 4 },
      sync: { key: CURSOR_SYNC_KEY, setSeries: false, scales: ['x', null] },
      bind: { dblclick: () => null },
    },
    hooks,
  }
}

function lineColor(source: ChartSource, seriesIndex: number): string {
  return seriesColor(source.palette(), source.plan.lines[seriesIndex - 1]?.color ?? 0)
}

function lineSeries(source: ChartSource, color: number, index: number): uPlot.Series {
  const { plan } = source
  const stroke = (): string => seriesColor(source.palette(), color)
  if (plan.draw === 'heat') return { paths: () => null, points: { show: false } }
  const only = plan.draw === 'lines' && plan.lines.length === 1
  const bottomOfStack = plan.draw === 'stack' && index === 0
  const mirrored = plan.lines.some((line) => line.mirrored)
  const alpha = bottomOfStack ? 0.55 : only ? 0.14 : mirrored && plan.lines.length <= 6 ? 0.16 : 0
  return {
    stroke,
    width: plan.draw === 'stack' ? 1 : 1.5,
    ...(plan.draw === 'stack' && !bottomOfStack && { paths: layerPaths }),
    points: {
      show: false,
      filter: (chart, seriesIndex) => lonelyRows(chart.data[seriesIndex] as DrawnColumn),
      size: 3,
    },
    ...(alpha > 0 && { fill: () => translucent(stroke(), alpha), fillTo: 0 }),
  }
}

/** Rows with a hole on both sides: a line alone would not show them. */
function lonelyRows(column: DrawnColumn): number[] | null {
  const rows: number[] = []
  for (let row = 0; row < column.length; row++) {
    if (column[row] !== null && (column[row - 1] ?? null) === null && (column[row + 1] ?? null) === null) rows.push(row)
  }
  return rows.length === 0 ? null : rows
}

/** Edges of the bands have no stroke of their own, but reach into the range of the axis. */
function bandEdges(plan: ChartPlan, banded: boolean): uPlot.Series[] {
  if (!banded) return []
  return plan.lines.flatMap(() => [{}, {}]).map(() => ({ width: 0, points: { show: false } }))
}

function stackBands(source: ChartSource): uPlot.Band[] {
  return source.plan.lines.slice(1).map((line, i) => ({
    series: [i + 2, i + 1],
    fill: () => translucent(seriesColor(source.palette(), line.color), 0.55),
  }))
}

function extremeBands(source: ChartSource): uPlot.Band[] {
  const lines = source.plan.lines
  return lines.map((line, i) => ({
    series: [lines.length + i * 2 + 2, lines.length + i * 2 + 1],
    fill: () => translucent(seriesColor(source.palette(), line.color), 0.22),
  }))
}

function rangeOf(source: ChartSource): uPlot.Scale.Range {
  const { plan } = source
  if (plan.draw === 'heat') return [0, plan.lines.length]
  return (_, min, max) => {
    const rule: RangeRule = {
      unit: plan.unit,
      top: source.top(),
      softTop: plan.softTop,
      mirrored: plan.lines.some((line) => line.mirrored),
      floating: plan.floating,
    }
    return valueRange(rule, min, max)
  }
}

function timeAxis(source: ChartSource): uPlot.Axis {
  return {
    ...axisStyle(source),
    size: 26,
    gap: 6,
    space: (_, __, min, max) => (max - min <= 30 * MINUTE_MS ? 84 : 64),
    incrs: TIME_INCREMENTS_MS,
    splits: (_, __, min, max, incrementMs) => timeTicks(min, max, incrementMs),
    values: (chart, splits, _, __, incrementMs) => {
      const rightPx = chart.bbox.width / devicePixelRatio + RIGHT_PADDING_PX
      // Half a label at the edge would read as another time.
      return formatTimeAxis(splits, incrementMs).map((label, i) =>
        chart.valToPos(splits[i] as number, 'x') + (label.length * AXIS_CHARACTER_PX) / 2 > rightPx ? null : label,
      )
    },
  }
}

function valueAxis(source: ChartSource): uPlot.Axis {
  return {
    ...axisStyle(source),
    size: 64,
    gap: 8,
    space: 30,
    incrs: axisIncrements(source.plan.unit),
    values: (_, splits) => formatAxis(splits, source.plan.unit),
  }
}

/** One label in the middle of each row of a heat map, top to bottom; fewer of them where rows are thin. */
function rowAxis(source: ChartSource): uPlot.Axis {
  const { lines } = source.plan
  const every = Math.ceil(lines.length / 8)
  return {
    ...axisStyle(source),
    size: 64,
    gap: 8,
    grid: { show: false },
    splits: () => lines.map((_, i) => lines.length - i - 0.5),
    values: () => lines.map((line, i) => (i % every === 0 ? `core ${line.name}` : null)),
  }
}

function axisStyle(source: ChartSource): uPlot.Axis {
  return {
    stroke: () => source.palette().text,
    font: AXIS_FONT,
    grid: { stroke: () => source.palette().grid, width: 1 },
    ticks: { show: false },
  }
}
