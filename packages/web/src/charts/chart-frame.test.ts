import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seriesOf } from '@godwit/protocol'
import type { RangeAnswer, RangeSeries } from '../api/range-answer.ts'
import { SeriesWindow } from '../state/series-window.ts'
import { chartDataOf, frameOf, hasBands, rowUnder } from './chart-frame.ts'
import { type ChartPlan, planCharts } from './chart-plan.ts'

const gauge = (value: (number | null)[]): RangeSeries => ({ unit: 'ratio', kind: 'gauge', value })

function windowOf(timestampsMs: number[], series: RangeAnswer['series']): SeriesWindow {
  return new SeriesWindow({ level: 0, stepMs: 1000, timestampsMs, series, gaps: [] })
}

function planOf(...metrics: string[]): ChartPlan {
  return planCharts(metrics.map((metric) => seriesOf(metric)))[0]?.charts[0] as ChartPlan
}

test('two rows without values stand in a hole, none where a tick is merely late', () => {
  const frame = frameOf(windowOf([0, 1000, 2600, 10_000], { load1: gauge([1, 2, 3, 4]) }))
  assert.deepEqual(frame.timestampsMs, [0, 1000, 2600, 3350, 9250, 10_000])
  assert.deepEqual([...frame.rows], [0, 1, 2, -1, -1, 3])
})

test('there is no row under a time outside the data, whichever row is the nearest', () => {
  const frame = frameOf(windowOf([1000, 2000, 3000], { load1: gauge([1, 2, 3]) }))
  assert.equal(rowUnder(frame, 1, 2400), 1)
  assert.equal(rowUnder(frame, 2, 4500), 2)
  assert.equal(rowUnder(frame, 2, 60_000), null)
  assert.equal(rowUnder(frame, 0, -60_000), null)
  assert.equal(rowUnder(frame, null, 2000), null)
  assert.equal(rowUnder(frameOf(windowOf([], {})), 0, 2000), null)
})

test('a line breaks in a hole and where its series has null', () => {
  const frame = frameOf(windowOf([0, 1000, 5000], { load1: gauge([1, null, 3]), load5: gauge([1, 2, 3]) }))
  const { drawn, told } = chartDataOf(planOf('load1'), frame)
  assert.deepEqual(drawn, [[1, null, null, null, 3]])
  assert.deepEqual(told, drawn)
})

test('layers are stacked for the eye and told as they are', () => {
  const frame = frameOf(
    windowOf([0, 1000, 2000], {
      cpu_user_ratio: gauge([0.25, 0.5, null]),
      cpu_system_ratio: gauge([0.5, null, null]),
      load1: gauge([1, 1, 1]),
    }),
  )
  const { drawn, told } = chartDataOf(planOf('cpu_user_ratio', 'cpu_system_ratio'), frame)
  assert.deepEqual(drawn, [
    [0.25, 0.5, null],
    [0.75, 0.5, null],
  ])
  assert.deepEqual(told[1], [0.5, null, null])
})

test('a reduced window adds a min and a max column for each line', () => {
  const window = new SeriesWindow({
    level: 1,
    stepMs: 60_000,
    timestampsMs: [0, 60_000],
    series: { load1: { unit: 'none', kind: 'gauge', mean: [1, 2], min: [0, 1], max: [4, 5] } },
    gaps: [],
  })
  const plan = planOf('load1')
  assert.equal(hasBands(plan, window), true)
  assert.deepEqual(chartDataOf(plan, frameOf(window)).drawn, [
    [1, 2],
    [0, 1],
    [4, 5],
  ])
})
