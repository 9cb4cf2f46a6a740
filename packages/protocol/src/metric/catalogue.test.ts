import assert from 'node:assert/strict'
import { test } from 'node:test'
import { METRIC_GROUPS, METRICS, metricNamed, type Unit } from './catalogue.ts'
import { checkSeries, formatSeriesName, seriesOf } from './series.ts'

/** How a name ends, `_total` of a counter apart, by its unit. */
const SUFFIXES: Partial<Record<Unit, RegExp>> = {
  ratio: /_ratio$/,
  bytes: /_bytes$/,
  seconds: /_seconds$/,
  ms: /_ms$/,
  celsius: /_celsius$/,
  rpm: /_rpm$/,
}

test('names are unique, and found', () => {
  assert.equal(new Set(METRICS.map(({ name }) => name)).size, METRICS.length)
  for (const metric of METRICS) assert.equal(metricNamed(metric.name), metric)
  assert.equal(metricNamed('toString'), undefined)
})

test('a name is lower case, and ends in its unit, a counter in _total', () => {
  for (const { name, unit, kind } of METRICS) {
    assert.match(name, /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/)
    assert.equal(name.endsWith('_total'), kind === 'counter', name)
    const base = name.replace(/_total$/, '')
    for (const [suffixUnit, suffix] of Object.entries(SUFFIXES))
      assert.equal(suffix.test(base), suffixUnit === unit, name)
  }
})

test('each metric can be a series, with and without its labels', () => {
  for (const metric of METRICS) {
    checkSeries(seriesOf(metric.name))
    const labels = Object.fromEntries(metric.labels.map((label) => [label, 'x']))
    checkSeries(seriesOf(metric.name, labels))
    assert.equal(formatSeriesName(metric.name, labels).length <= 100, true, metric.name)
    assert.equal(new Set(metric.labels).size, metric.labels.length)
  }
})

test('help ends without a full stop, and groups stand together in their order', () => {
  for (const { name, help } of METRICS) assert.match(help, /^[A-Z].*[^.]$/, name)
  const groups = METRICS.map(({ group }) => group).filter((group, i, all) => group !== all[i - 1])
  assert.deepEqual(groups, [...METRIC_GROUPS])
})

test('ratios are finer than a hundredth', () => {
  for (const { unit, resolution, name } of METRICS) {
    if (unit === 'ratio') assert.ok(resolution !== null && resolution <= 0.001, name)
  }
})
