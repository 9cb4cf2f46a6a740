import {
  type Counter,
  type Counters,
  Histogram,
  LabelledCounter,
  type MetricRow,
  type MetricTable,
} from './counters.ts'

export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/**
 * All counters in the text format that Prometheus scrapes.
 * Format: https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function prometheusText<T extends MetricTable>(table: T, counters: Counters<T>): string {
  const lines: string[] = []
  for (const [key, row] of Object.entries(table)) {
    lines.push(`# HELP ${row.name} ${escapeHelp(row.help)}`, `# TYPE ${row.name} ${row.kind}`)
    appendSamples(lines, row, counters[key] as Counter | LabelledCounter | Histogram)
  }
  return `${lines.join('\n')}\n`
}

function appendSamples(lines: string[], row: MetricRow, counter: Counter | LabelledCounter | Histogram): void {
  if (counter instanceof Histogram) {
    appendHistogram(lines, row.name, counter)
    return
  }
  if (!(counter instanceof LabelledCounter)) {
    lines.push(`${row.name} ${counter.value}`)
    return
  }
  const label = row.kind === 'histogram' ? undefined : row.label
  for (const [labelValue, one] of counter.entries()) {
    lines.push(`${row.name}{${label}="${escapeLabelValue(labelValue)}"} ${one.value}`)
  }
}

function appendHistogram(lines: string[], name: string, histogram: Histogram): void {
  let count = 0
  for (let i = 0; i < histogram.counts.length; i++) {
    count += histogram.counts[i] as number
    lines.push(`${name}_bucket{le="${histogram.bounds[i] ?? '+Inf'}"} ${count}`)
  }
  lines.push(`${name}_sum ${histogram.sum}`, `${name}_count ${count}`)
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function escapeLabelValue(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"')
}
