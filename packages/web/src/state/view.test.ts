import assert from 'node:assert/strict'
import { test } from 'node:test'
import { queryOfView, RANGES, shiftView, spanOf, type View, viewOfQuery } from './view.ts'

test('a view survives the address bar', () => {
  const views: View[] = [
    ...RANGES.map(({ rangeMs }): View => ({ mode: 'live', rangeMs })),
    { mode: 'fixed', fromMs: 1_795_348_422_002, toMs: 1_795_348_452_002 },
  ]
  for (const view of views) assert.deepEqual(viewOfQuery(queryOfView(view)), view)
})

test('an address that makes no sense shows the last 5 minutes', () => {
  for (const query of ['', '?range=7y', '?from=5&to=3', '?from=x&to=y']) {
    assert.deepEqual(viewOfQuery(query), { mode: 'live', rangeMs: 300_000 })
  }
})

test('a live span ends at the newest tick while ticks come, else now', () => {
  const view: View = { mode: 'live', rangeMs: 1000 }
  assert.deepEqual(spanOf(view, 98_000, 100_000), [97_000, 98_000])
  assert.deepEqual(spanOf(view, 130_000, 100_000), [129_000, 130_000])
  assert.deepEqual(spanOf(view, 50_000, 100_000), [99_000, 100_000])
  assert.deepEqual(spanOf(view, null, 100_000), [99_000, 100_000])
})

test('going back leaves live, going forth over the present returns to it', () => {
  const live: View = { mode: 'live', rangeMs: 1000 }
  const back = shiftView(live, [99_000, 100_000], -0.5, 1000, 100_000)
  assert.deepEqual(back, { mode: 'fixed', fromMs: 98_500, toMs: 99_500 })
  assert.deepEqual(shiftView(back, [98_500, 99_500], 0.5, 1000, 100_000), live)
  assert.deepEqual(shiftView(back, [98_500, 99_500], 0.25, 1000, 100_000), {
    mode: 'fixed',
    fromMs: 98_750,
    toMs: 99_750,
  })
})
