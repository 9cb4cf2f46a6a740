import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RangeAnswer } from '../api/range-answer.ts'
import { SeriesWindow } from '../state/series-window.ts'
import type { PlannedLine } from './chart-plan.ts'
import { lineExtremes, lineValues, ratesOf } from './line-values.ts'

const LINE: PlannedLine = {
  name: '',
  sum: ['a'],
  minus: undefined,
  over: undefined,
  rate: false,
  scale: 1,
  mirrored: false,
  color: 0,
}

function windowOf(series: RangeAnswer['series']): SeriesWindow {
  return new SeriesWindow({ level: 0, stepMs: 1000, timestampsMs: [0, 1000, 2000], series, gaps: [] })
}

function rates(timestampsMs: number[], totals: number[]): number[] {
  return [...ratesOf(Float64Array.from(timestampsMs), Float64Array.from(totals), 1000, new Float64Array(totals.length))]
}

test('a rate is the change per second, whatever the time between the ticks', () => {
  assert.deepEqual(rates([0, 1000, 3000], [10, 30, 40]), [Number.NaN, 20, 5])
})

test('a counter that goes backwards was reset: no rate, and no spike after it', () => {
  assert.deepEqual(rates([0, 1000, 2000, 3000], [1000, 5, 7, 9]), [Number.NaN, Number.NaN, 2, 2])
})

test('there is no rate across a hole or beside a missing total', () => {
  assert.deepEqual(rates([0, 60_000, 61_000], [0, 600, 610]), [Number.NaN, Number.NaN, 10])
  assert.deepEqual(rates([0, 1000, 2000], [0, Number.NaN, 20]), [Number.NaN, Number.NaN, Number.NaN])
})

test('a line adds, subtracts and divides series, row by row', () => {
  const gauge = (value: (number | null)[]) => ({ unit: 'bytes', kind: 'gauge', value }) as const
  const window = windowOf({ a: gauge([6, null, 8]), b: gauge([2, 2, null]), c: gauge([2, 2, 0]) })
  assert.deepEqual([...lineValues({ ...LINE, minus: 'b', over: 'c' }, window)], [2, Number.NaN, Number.NaN])
})

test('a series that is not there gives a line without values', () => {
  assert.deepEqual(
    [...lineValues({ ...LINE, sum: ['none'] }, windowOf({ a: { unit: 'none', kind: 'gauge', value: [1, 2, 3] } }))],
    [Number.NaN, Number.NaN, Number.NaN],
  )
})

test('a reduced gauge has extremes, a rate has none', () => {
  const window = windowOf({ a: { unit: 'none', kind: 'gauge', mean: [1, 2, 3], min: [0, 1, 2], max: [2, 3, 4] } })
  assert.deepEqual([...(lineExtremes(LINE, window)?.max ?? [])], [2, 3, 4])
  assert.equal(lineExtremes({ ...LINE, rate: true }, window), undefined)
})
