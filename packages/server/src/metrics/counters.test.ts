import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCounters } from './counters.ts'
import { prometheusText } from './prometheus-text.ts'
import { createServerMetrics, SERVER_METRICS } from './server-metrics.ts'

const TABLE = {
  ticks: { kind: 'counter', name: 'ticks_total', help: 'Ticks' },
  open: { kind: 'gauge', name: 'open', help: 'Open, with a \\ and\na line' },
  refused: { kind: 'counter', name: 'refused_total', help: 'Refused', label: 'reason' },
  took: { kind: 'histogram', name: 'took_seconds', help: 'Time', buckets: [0.1, 1] },
} as const

test('counters are rendered as Prometheus reads them', () => {
  const counters = createCounters(TABLE)
  counters.ticks.value += 3
  counters.open.value -= 1
  counters.refused.add('FRAME_CHECKSUM')
  counters.refused.add('say "no"', 2)
  for (const seconds of [0.1, 0.5, 7]) counters.took.observe(seconds)
  assert.equal(
    prometheusText(TABLE, counters),
    `# HELP ticks_total Ticks
# TYPE ticks_total counter
ticks_total 3
# HELP open Open, with a \\\\ and\\na line
# TYPE open gauge
open -1
# HELP refused_total Refused
# TYPE refused_total counter
refused_total{reason="FRAME_CHECKSUM"} 1
refused_total{reason="say \\"no\\""} 2
# HELP took_seconds Time
# TYPE took_seconds histogram
took_seconds_bucket{le="0.1"} 1
took_seconds_bucket{le="1"} 2
took_seconds_bucket{le="+Inf"} 3
took_seconds_sum 7.6
took_seconds_count 3
`,
  )
})

test('label values are bounded: what is over the bound shares one counter', () => {
  const { refused } = createCounters(TABLE)
  for (let i = 0; i < 1000; i++) refused.add(`reason ${i}`)
  const values = [...refused.entries()]
  assert.equal(values.length, 65)
  assert.equal(
    values.reduce((sum, [, counter]) => sum + counter.value, 0),
    1000,
  )
})

test('every metric of the server has a name of its own that follows the naming rules of Prometheus', () => {
  const rows = Object.values(SERVER_METRICS)
  assert.equal(new Set(rows.map((row) => row.name)).size, rows.length)
  for (const row of rows) {
    assert.match(row.name, /^(godwit|process)_[a-z0-9_]+$/)
    assert.equal(row.name.endsWith('_total'), row.kind === 'counter', row.name)
    assert.ok(!row.help.endsWith('.'))
  }
  assert.match(prometheusText(SERVER_METRICS, createServerMetrics()), /^godwit_ticks_committed_total 0$/m)
})
