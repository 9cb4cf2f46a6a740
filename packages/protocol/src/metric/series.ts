import { ProtocolError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { type MetricKind, metricNamed, type Unit } from './catalogue.ts'

/**
 * One metric of one collector with its labels. `name` is the whole of its identity, in the notation that people know from
 * Prometheus: `disk_reads_total{device="sda"}`. Labels are sorted by name.
 */
export interface Series {
  readonly name: string
  readonly unit: Unit
  readonly kind: MetricKind
  /** Values are integer multiples of this, or 64-bit floats where it is null. 1/resolution or resolution is whole. */
  readonly resolution: number | null
}

export interface ParsedSeriesName {
  readonly metric: string
  readonly labels: Readonly<Record<string, string>>
}

const METRIC_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/

/** A series of a metric of the catalogue. Throws METRIC_INVALID for a metric or label that the catalogue does not have. */
export function seriesOf(metricName: string, labels: Readonly<Record<string, string>> = {}): Series {
  const metric = metricNamed(metricName)
  if (metric === undefined) throw new ProtocolError('METRIC_INVALID', { metric: metricName })
  for (const label of Object.keys(labels)) {
    if (!metric.labels.includes(label)) throw new ProtocolError('METRIC_INVALID', { metric: metricName, label })
  }
  return {
    name: formatSeriesName(metricName, labels),
    unit: metric.unit,
    kind: metric.kind,
    resolution: metric.resolution,
  }
}

export function formatSeriesName(metric: string, labels: Readonly<Record<string, string>> = {}): string {
  if (!METRIC_NAME.test(metric)) throw new ProtocolError('METRIC_INVALID', { metric })
  const pairs = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))
  if (pairs.length === 0) return metric
  const quoted = pairs.map(([label, value]) => {
    if (!METRIC_NAME.test(label)) throw new ProtocolError('METRIC_INVALID', { metric, label })
    return `${label}=${quote(value)}`
  })
  return `${metric}{${quoted.join(',')}}`
}

const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)=("(?:[^"\\]|\\.)*")(,|$)/y

/** Takes a series name apart. Throws METRIC_INVALID for text that is no series name. */
export function parseSeriesName(name: string): ParsedSeriesName {
  const brace = name.indexOf('{')
  const metric = brace === -1 ? name : name.slice(0, brace)
  if (!METRIC_NAME.test(metric)) throw new ProtocolError('METRIC_INVALID', { series: name })
  const labels: Record<string, string> = Object.create(null)
  if (brace === -1) return { metric, labels }
  if (!name.endsWith('}')) throw new ProtocolError('METRIC_INVALID', { series: name })
  const body = name.slice(brace + 1, -1)
  LABEL.lastIndex = 0
  let end = 0
  while (end < body.length) {
    const match = LABEL.exec(body)
    if (match === null) throw new ProtocolError('METRIC_INVALID', { series: name })
    labels[match[1] as string] = unquote(match[2] as string, name)
    end = LABEL.lastIndex
  }
  return { metric, labels }
}

/** A JSON string in ASCII alone, so that a name's length in characters is its length in bytes. */
function quote(value: string): string {
  return JSON.stringify(value).replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function unquote(quoted: string, series: string): string {
  try {
    return JSON.parse(quoted) as string
  } catch (cause) {
    throw new ProtocolError('METRIC_INVALID', { series }, { cause })
  }
}

/** Splits a comma-separated list of series names; commas inside quotes do not separate. */
export function splitSeriesList(list: string): string[] {
  const names: string[] = []
  let start = 0
  let quoted = false
  for (let i = 0; i < list.length; i++) {
    const char = list[i]
    if (char === '\\' && quoted) i++
    else if (char === '"') quoted = !quoted
    else if (char === ',' && !quoted && !insideBraces(list, start, i)) {
      names.push(list.slice(start, i))
      start = i + 1
    }
  }
  names.push(list.slice(start))
  return names.map((name) => name.trim()).filter((name) => name !== '')
}

function insideBraces(list: string, start: number, end: number): boolean {
  return list.lastIndexOf('{', end) >= start && list.lastIndexOf('}', end) < list.lastIndexOf('{', end)
}

/** Throws METRIC_INVALID unless the series can be encoded: a short ASCII name, a decimal resolution with a whole inverse. */
export function checkSeries(series: Series): void {
  parseSeriesName(series.name)
  const valid =
    series.name.length <= LIMITS.seriesNameBytes &&
    PRINTABLE_ASCII.test(series.name) &&
    (series.resolution === null || isResolution(series.resolution))
  if (!valid) throw new ProtocolError('METRIC_INVALID', { series: series.name, resolution: String(series.resolution) })
}

const PRINTABLE_ASCII = /^[ -~]+$/
const MAX_DECIMALS = 9

/** The fewest decimals that write `resolution` exactly; undefined over 9. */
export function decimalsOf(resolution: number): number | undefined {
  for (let decimals = 0; decimals <= MAX_DECIMALS; decimals++) {
    if (Math.round(resolution * 10 ** decimals) / 10 ** decimals === resolution) return decimals
  }
  return undefined
}

function isResolution(resolution: number): boolean {
  if (resolution >= 1) return Number.isInteger(resolution) && resolution <= 2 ** 40
  const perUnit = Math.round(1 / resolution)
  return 1 / perUnit === resolution && decimalsOf(resolution) !== undefined
}
