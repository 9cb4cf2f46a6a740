import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Gap } from '../api/range-answer.ts'
import { frameOf } from '../charts/chart-frame.ts'
import { coveredSpans, missingMs } from './coverage.ts'
import { SeriesWindow } from './series-window.ts'

const LOAD = { load1: { unit: 'none', kind: 'gauge', value: [1, 2, 3] } } as const

const gap = (fromMs: number, toMs: number): Gap => ({ run: '0', lo: 0, hi: 0, fromMs, toMs, cause: 'power' })

test('what is covered breaks where ticks are missing', () => {
  const window = new SeriesWindow({ level: 0, stepMs: 1000, timestampsMs: [0, 1000, 9000], series: LOAD, gaps: [] })
  assert.deepEqual(coveredSpans(frameOf(window)), [
    [0, 2000],
    [9000, 10_000],
  ])
})

test('gaps are cut at the span, and time in two of them counts once', () => {
  assert.equal(missingMs([gap(50, 70), gap(0, 20), gap(60, 80), gap(95, 200)], [10, 100]), 10 + 30 + 5)
  assert.equal(missingMs([], [0, 100]), 0)
})
