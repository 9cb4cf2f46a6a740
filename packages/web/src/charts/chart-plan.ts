import {
  formatSeriesName,
  METRIC_GROUPS,
  type MetricGroup,
  metricNamed,
  parseSeriesName,
  type Series,
} from '@godwit/protocol'
import type { DisplayUnit } from '../format/value.ts'
import { CHARTS, type ChartDefinition, type LineDefinition } from './chart-definitions.ts'

/** A line with the names of the series that it is computed from. */
export interface PlannedLine {
  readonly name: string
  readonly sum: readonly string[]
  readonly minus: string | undefined
  readonly over: string | undefined
  readonly rate: boolean
  readonly scale: number
  readonly mirrored: boolean
  readonly color: number
}

/** What of a definition one collector has. */
export interface ChartPlan {
  readonly id: string
  readonly group: MetricGroup | 'other'
  readonly title: string
  readonly unit: DisplayUnit
  readonly draw: 'lines' | 'stack' | 'heat'
  readonly top: number | string | undefined
  readonly softTop: number | undefined
  readonly floating: boolean
  readonly lines: readonly PlannedLine[]
}

export interface ChartGroup {
  readonly group: MetricGroup | 'other'
  readonly charts: readonly ChartPlan[]
}

/** Interfaces that say nothing of the machine's traffic. */
const DULL_LABELS: ReadonlySet<string> = new Set(['lo'])

/** Metrics that are the top of a chart's axis. */
export const TOP_METRICS: readonly string[] = CHARTS.map(({ top }) => top).filter((top) => typeof top === 'string')

/**
 * The charts of a collector with these series, by group in the catalogue's order; metrics without a definition come last.
 * What has one of `zeroTops` as its top is left out: a machine without swap has nothing to show of it.
 */
export function planCharts(series: readonly Series[], zeroTops: ReadonlySet<string> = new Set()): ChartGroup[] {
  const names = new Set(series.map((one) => one.name))
  const labels = labelsOf(series)
  const planned = CHARTS.filter(({ top }) => !zeroTops.has(String(top)))
    .map((definition) => planOne(definition, names, labels))
    .filter((plan) => plan.lines.length > 0)
  const ids = new Set(planned.map((plan) => plan.id))
  const shown = planned.filter((plan) => !ids.has(CHARTS.find(({ id }) => id === plan.id)?.insteadOf ?? ''))
  const charts = [...shown, ...planOthers(series)]
  return [...METRIC_GROUPS, 'other' as const]
    .map((group) => ({ group, charts: charts.filter((chart) => chart.group === group) }))
    .filter(({ charts: own }) => own.length > 0)
}

function planOne(
  definition: ChartDefinition,
  names: ReadonlySet<string>,
  labels: ReadonlyMap<string, readonly string[]>,
): ChartPlan {
  const { per } = definition
  const lines =
    per === undefined
      ? definition.lines.flatMap((line, i) =>
          resolve(definition, line, names, (metric) => metric, line.name, line.color ?? i),
        )
      : (labels.get(per) ?? []).flatMap((value, i) =>
          definition.lines.flatMap((line) =>
            resolve(
              definition,
              line,
              names,
              (metric) => formatSeriesName(metric, { [per]: value }),
              `${value} ${line.name}`.trim(),
              i,
            ),
          ),
        )
  return {
    id: definition.id,
    group: definition.group,
    title: definition.title,
    unit: definition.unit,
    draw: definition.draw ?? 'lines',
    top: definition.top,
    softTop: definition.softTop,
    floating: definition.floating ?? false,
    lines,
  }
}

function resolve(
  definition: ChartDefinition,
  line: LineDefinition,
  names: ReadonlySet<string>,
  seriesName: (metric: string) => string,
  name: string,
  color: number,
): PlannedLine[] {
  const sum = line.metrics.map(seriesName).filter((one) => names.has(one))
  const minus = line.minus === undefined ? undefined : seriesName(line.minus)
  const over = line.over === undefined ? undefined : seriesName(line.over)
  const complete =
    sum.length > 0 && (minus === undefined || names.has(minus)) && (over === undefined || names.has(over))
  if (!complete) return []
  return [
    {
      name,
      sum,
      minus,
      over,
      rate: definition.read === 'rate',
      scale: line.scale ?? 1,
      mirrored: line.mirrored ?? false,
      color,
    },
  ]
}

/** The values of each label among the series: numbers by size, the dull ones left out where there are others. */
function labelsOf(series: readonly Series[]): Map<string, string[]> {
  const values = new Map<string, Set<string>>()
  for (const { name } of series) {
    for (const [label, value] of Object.entries(parseSeriesName(name).labels)) {
      values.set(label, (values.get(label) ?? new Set()).add(value))
    }
  }
  const compare = new Intl.Collator('en', { numeric: true }).compare
  return new Map(
    Array.from(values, ([label, set]) => {
      const interesting = [...set].filter((value) => !DULL_LABELS.has(value))
      return [label, (interesting.length > 0 ? interesting : [...set]).sort(compare)]
    }),
  )
}

/** A chart for each metric that the catalogue does not have: other collectors may send what they like. */
function planOthers(series: readonly Series[]): ChartPlan[] {
  const byMetric = Map.groupBy(
    series.filter(({ name }) => metricNamed(parseSeriesName(name).metric) === undefined),
    ({ name }) => parseSeriesName(name).metric,
  )
  return Array.from(byMetric, ([metric, members]) => ({
    id: `other-${metric}`,
    group: 'other',
    title: metric,
    unit: unitOf(members[0] as Series),
    draw: 'lines',
    top: undefined,
    softTop: undefined,
    floating: false,
    lines: members.map((member, color) => ({
      name: Object.values(parseSeriesName(member.name).labels).join(' ') || metric,
      sum: [member.name],
      minus: undefined,
      over: undefined,
      rate: member.kind === 'counter',
      scale: 1,
      mirrored: false,
      color,
    })),
  }))
}

function unitOf({ kind, unit }: Series): DisplayUnit {
  if (kind === 'gauge') return unit
  return unit === 'bytes' ? 'bytes-per-s' : 'count-per-s'
}
