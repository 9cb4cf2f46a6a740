import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type HaveInterval, RunHave } from './run-have.ts'

const range = fc.tuple(fc.nat(60), fc.nat(12)).map(([lo, length]) => ({ lo, hi: lo + length }))

/** The intervals of a set of numbers. */
function intervalsOf(set: ReadonlySet<number>): { lo: number; hi: number }[] {
  const intervals: { lo: number; hi: number }[] = []
  for (const seq of [...set].sort((a, b) => a - b)) {
    const last = intervals.at(-1)
    if (last !== undefined && last.hi + 1 === seq) last.hi = seq
    else intervals.push({ lo: seq, hi: seq })
  }
  return intervals
}

test('after any ranges it holds what a plain set would, and a table that follows its changes holds the same', () => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 40 }), (ranges) => {
      const have = new RunHave([])
      const model = new Set<number>()
      const table = new Map<number, HaveInterval>()
      let nextId = 1
      for (const { lo, hi } of ranges) {
        const wanted = [...Array(hi - lo + 1).keys()].map((i) => lo + i).filter((seq) => !model.has(seq))
        const missing = have.missing(lo, hi)
        assert.deepEqual(missing, intervalsOf(new Set(wanted)))
        assert.equal(have.isBeyond(lo), lo > Math.max(-1, ...model))
        for (const part of missing) {
          const { interval, swallowed } = have.add(part.lo, part.hi)
          if (interval.id === 0) interval.id = nextId++
          table.set(interval.id, interval)
          for (const { id } of swallowed) table.delete(id)
        }
        for (const seq of wanted) model.add(seq)
        assert.deepEqual(
          have.intervals.map(({ lo, hi }) => ({ lo, hi })),
          intervalsOf(model),
        )
        assert.deepEqual(
          [...table.values()].sort((a, b) => a.lo - b.lo),
          have.intervals,
        )
      }
    }),
    { numRuns: 500 },
  )
})

test('nothing had leaves all missing, and all had leaves nothing', () => {
  const have = new RunHave([])
  assert.equal(have.isBeyond(0), true)
  assert.deepEqual(have.missing(0, 9), [{ lo: 0, hi: 9 }])
  have.add(0, 9)
  assert.deepEqual(have.missing(0, 9), [])
  assert.equal(have.isBeyond(9), false)
  assert.equal(have.isBeyond(10), true)
})

test('a part that closes a hole joins both its neighbours', () => {
  const have = new RunHave([
    { id: 1, lo: 0, hi: 4 },
    { id: 2, lo: 8, hi: 9 },
  ])
  const { interval, swallowed } = have.add(5, 7)
  assert.deepEqual(interval, { id: 1, lo: 0, hi: 9 })
  assert.deepEqual(
    swallowed.map(({ id }) => id),
    [2],
  )
})
