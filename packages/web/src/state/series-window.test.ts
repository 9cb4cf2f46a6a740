import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Series } from '@godwit/protocol'
import type { RangeAnswer } from '../api/range-answer.ts'
import { SeriesWindow } from './series-window.ts'

const LOAD: Series = { name: 'load1', unit: 'none', kind: 'gauge', resolution: 0.01 }
const FORKS: Series = { name: 'forks_total', unit: 'count', kind: 'counter', resolution: 1 }
const SCHEMA = [LOAD, FORKS]

function seconds(count: number): RangeAnswer {
  const rows = Array.from({ length: count }, (_, i) => i)
  return {
    level: 0,
    stepMs: 1000,
    timestampsMs: rows.map((i) => i * 1000),
    series: {
      load1: { unit: 'none', kind: 'gauge', value: rows.map((i) => (i === 1 ? null : i)) },
      load5: { unit: 'none', kind: 'gauge', value: rows },
    },
    gaps: [],
  }
}

function minutes(): RangeAnswer {
  return {
    level: 1,
    stepMs: 60_000,
    timestampsMs: [0, 60_000],
    series: {
      load1: { unit: 'none', kind: 'gauge', mean: [1, 2], min: [0, 1], max: [2, 3] },
      forks_total: { unit: 'count', kind: 'counter', mean: [100, 200] },
    },
    gaps: [],
  }
}

test('an answer becomes columns, null becomes NaN', () => {
  const window = new SeriesWindow(seconds(3))
  assert.deepEqual([...(window.columns.get('load1')?.values.subarray(0, 3) ?? [])], [0, Number.NaN, 2])
  assert.equal(window.reduced, false)
  assert.equal(window.lastMs, 2000)
})

test('a live tick behind the last row is appended, and a series that is new gets a column', () => {
  const window = new SeriesWindow(seconds(3))
  assert.equal(window.fold(3000, SCHEMA, Float64Array.of(7, 42)), 'appended')
  assert.equal(window.columns.get('load1')?.values[3], 7)
  assert.equal(window.columns.get('forks_total')?.values[3], 42)
  assert.ok(Number.isNaN(window.columns.get('forks_total')?.values[2]))
})

test('a tick that is there is known, one in a hole is late', () => {
  const window = new SeriesWindow({ ...seconds(2), timestampsMs: [0, 5000] })
  assert.equal(window.fold(5000, SCHEMA, Float64Array.of(1, 1)), 'known')
  assert.equal(window.fold(2000, SCHEMA, Float64Array.of(1, 1)), 'late')
  assert.equal(window.end, 2)
})

test('ticks of one step are folded into its row: running mean, min, max, last total', () => {
  const window = new SeriesWindow(minutes())
  window.fold(120_500, SCHEMA, Float64Array.of(4, 300))
  window.fold(121_500, SCHEMA, Float64Array.of(6, 301))
  window.fold(122_500, SCHEMA, Float64Array.of(Number.NaN, Number.NaN))
  const load = window.columns.get('load1')
  assert.equal(window.end, 3)
  assert.equal(window.timestampsMs[2], 120_000)
  assert.deepEqual([load?.values[2], load?.min?.[2], load?.max?.[2]], [5, 4, 6])
  assert.equal(window.columns.get('forks_total')?.values[2], 301)
})

test('rows that left the range are given up, and their room is used again', () => {
  const window = new SeriesWindow(seconds(10))
  for (let second = 10; second < 5000; second++) {
    window.fold(second * 1000, SCHEMA, Float64Array.of(second, second))
    window.dropBefore((second - 9) * 1000)
  }
  assert.ok(window.timestampsMs.length < 1500)
  assert.equal(window.end - window.start, 11)
  assert.equal(window.columns.get('load1')?.values[window.end - 1], 4999)
  assert.equal(window.timestampsMs[window.start], 4_989_000)
})

test('rows that the server put into holes are left out', () => {
  const window = new SeriesWindow({
    ...seconds(3),
    series: { load1: { unit: 'none', kind: 'gauge', value: [0, null, 2] } },
  })
  assert.deepEqual([...window.timestampsMs.subarray(0, window.end)], [0, 2000])
})

test('a series is zero if all of its values are, and neither if it has none', () => {
  const gauge = (value: (number | null)[]): RangeAnswer['series'][string] => ({ unit: 'bytes', kind: 'gauge', value })
  const window = new SeriesWindow({
    ...seconds(3),
    series: { a: gauge([0, null, 0]), b: gauge([0, 0, 1]), c: gauge([null, null, null]) },
  })
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((name) => window.isZero(name)),
    [true, false, undefined, undefined],
  )
})
