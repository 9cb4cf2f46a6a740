import { ProtocolError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { type MetricKind, metricNamed, type Unit } from './catalogue.ts'

/**
 * One metric of one collector with its labels. `name` is the whole of its identity, in the notation that people know
 * from Prometheus: `disk_reads_total{device="sda"}`. Labels are sorted by name.
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

/**
 * A series of a metric of the catalogue. Throws METRIC_INVALID for a metric or label that the catalogue does not have.
 */
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

/** The name of a series: the metric and its labels, sorted. Throws METRIC_INVALID. */
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

/** Takes a series name apart; labels may come in any order. Throws METRIC_INVALID for text that is no series name. */
export function parseSeriesName(name: string): ParsedSeriesName {
  const brace = name.indexOf('{')
  const metric = brace === -1 ? name : name.slice(0, brace)
  if (!METRIC_NAME.test(metric)) throw new ProtocolError('METRIC_INVALID', { series: shown(name) })
  const labels: Record<string, string> = Object.create(null)
  if (brace === -1) return { metric, labels }
  if (!name.endsWith('}')) throw new ProtocolError('METRIC_INVALID', { series: shown(name) })
  const body = name.slice(brace + 1, -1)
  LABEL.lastIndex = 0
  let end = 0
  while (end < body.length) {
    const match = LABEL.exec(body)
    if (match === null) throw new ProtocolError('METRIC_INVALID', { series: shown(name) })
    const label = match[1] as string
    if (Object.hasOwn(labels, label)) throw new ProtocolError('METRIC_INVALID', { series: shown(name), label })
    labels[label] = unquote(match[2] as string, name)
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
    throw new ProtocolError('METRIC_INVALID', { series: shown(series) }, { cause })
  }
}

/**
 * Throws METRIC_INVALID unless the series can be encoded: a name as formatSeriesName writes it, of at most
 * LIMITS.seriesNameBytes, and a resolution above 0 that is whole or one over a whole number, or null.
 */
export function checkSeries(series: Series): void {
  const { name, resolution } = series
  const valid =
    name.length <= LIMITS.seriesNameBytes && isCanonicalName(name) && (resolution === null || isResolution(resolution))
  if (!valid) throw new ProtocolError('METRIC_INVALID', { series: shown(name), resolution: String(resolution) })
}

/** One spelling a series, or the same series would have two identities. */
function isCanonicalName(name: string): boolean {
  const { metric, labels } = parseSeriesName(name)
  return formatSeriesName(metric, labels) === name
}

/** A name that a peer gave, cut to what a log line can hold. */
function shown(name: string): string {
  return name.slice(0, LIMITS.seriesNameBytes)
}

const MAX_DECIMALS = 9

/** The fewest decimals that write `resolution` exactly; undefined over 9. */
export function decimalsOf(resolution: number): number | undefined {
  for (let decimals = 0; decimals <= MAX_DECIMALS; decimals++) {
    if (Math.round(resolution * 10 ** decimals) / 10 ** decimals === resolution) return decimals
  }
  return undefined
}

function isResolution(resolution: number): boolean {
  if (!(resolution > 0)) return false
  if (resolution >= 1) return Number.isInteger(resolution) && resolution <= 2 ** 40
  const perUnit = Math.round(1 / resolution)
  return 1 / perUnit === resolution && decimalsOf(resolution) !== undefined
}
