import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inSlices, SLICE_LENGTH } from './slices.ts'

test('all items come in their order, and others have a turn between two slices', async () => {
  const count = 2 * SLICE_LENGTH + 1
  let turns = 0
  setImmediate(function again() {
    turns++
    if (turns < 10) setImmediate(again)
  })
  const seen: number[] = []
  const turnsAt: number[] = []
  for await (const slice of inSlices(Array(count).keys())) {
    assert.ok(slice.length <= SLICE_LENGTH)
    seen.push(...slice)
    turnsAt.push(turns)
  }
  assert.deepEqual(seen, [...Array(count).keys()])
  assert.ok(
    turnsAt.every((turn, at) => at === 0 || turn > (turnsAt[at - 1] as number)),
    turnsAt.join(),
  )
})

test('of nothing there is no slice', async () => {
  for await (const slice of inSlices([])) assert.fail(String(slice))
})
