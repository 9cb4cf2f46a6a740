import assert from 'node:assert/strict'
import { test } from 'node:test'
import { METRICS, type Series, seriesOf } from '@godwit/protocol'
import { CHARTS } from './chart-definitions.ts'
import { type ChartPlan, planCharts, TOP_METRICS } from './chart-plan.ts'

function chartsOf(...series: Series[]): ChartPlan[] {
  return planCharts(series).flatMap((group) => group.charts)
}

test('every metric of a definition is in the catalogue', () => {
  const names = new Set(METRICS.map((metric) => metric.name))
  for (const { id, lines, top } of CHARTS) {
    for (const line of lines) {
      for (const metric of [...line.metrics, line.minus, line.over]) {
        if (metric !== undefined) assert.ok(names.has(metric), `${id}: ${metric}`)
      }
    }
    if (typeof top === 'string') assert.ok(names.has(top), `${id}: ${top}`)
  }
})

test('a version 1 collector has a processor and a memory chart', () => {
  const charts = chartsOf(seriesOf('cpu_used_ratio'), seriesOf('memory_total_bytes'), seriesOf('memory_used_bytes'))
  assert.deepEqual(
    charts.map((chart) => [chart.id, chart.lines.map((line) => line.name)]),
    [
      ['cpu-used', ['used']],
      ['memory', ['used']],
    ],
  )
})

test('the detailed processor chart takes the place of the simple one', () => {
  const charts = chartsOf(seriesOf('cpu_used_ratio'), seriesOf('cpu_user_ratio'))
  assert.deepEqual(
    charts.map((chart) => chart.id),
    ['cpu'],
  )
})

test('a labelled chart has a line for each device and direction, in one color a device', () => {
  const series = ['sda', 'nvme0n1'].flatMap((device) =>
    ['disk_read_bytes_total', 'disk_written_bytes_total'].map((metric) => seriesOf(metric, { device })),
  )
  const [chart] = chartsOf(...series)
  assert.deepEqual(
    chart?.lines.map(({ name, color, mirrored }) => [name, color, mirrored]),
    [
      ['nvme0n1 read', 0, false],
      ['nvme0n1 write', 0, true],
      ['sda read', 1, false],
      ['sda write', 1, true],
    ],
  )
})

test('a machine without swap has no chart of it', () => {
  const series = ['memory_total_bytes', 'memory_used_bytes', 'swap_total_bytes', 'swap_used_bytes'].map((metric) =>
    seriesOf(metric),
  )
  assert.ok(TOP_METRICS.includes('swap_total_bytes'))
  assert.deepEqual(
    planCharts(series, new Set(['swap_total_bytes'])).flatMap(({ charts }) => charts.map(({ id }) => id)),
    ['memory'],
  )
})

test('cores come in order of their number', () => {
  const [chart] = chartsOf(...['10', '2', '0'].map((cpu) => seriesOf('cpu_user_ratio', { cpu })))
  assert.deepEqual(
    chart?.lines.map((line) => line.name),
    ['0', '2', '10'],
  )
})

test('the loopback interface is left out unless it is the only one', () => {
  const receive = (name: string): Series => seriesOf('network_receive_bytes_total', { interface: name })
  assert.deepEqual(
    chartsOf(receive('lo'), receive('eth0'))[0]?.lines.map((line) => line.name),
    ['eth0 in'],
  )
  assert.deepEqual(
    chartsOf(receive('lo'))[0]?.lines.map((line) => line.name),
    ['lo in'],
  )
})

test('a metric that the catalogue does not have gets a chart of its own', () => {
  const own: Series = { name: 'queue_length{queue="a"}', unit: 'count', kind: 'gauge', resolution: 1 }
  const [group] = planCharts([own])
  assert.equal(group?.group, 'other')
  assert.equal(group?.charts[0]?.lines[0]?.name, 'a')
})
