import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { HaveRanges } from './have-ranges.ts'

const rangeArbitrary = fc
  .tuple(fc.nat(40), fc.nat(10))
  .map(([lo, length]): { lo: number; hi: number } => ({ lo, hi: lo + length }))

test('whatever the order and the overlaps: what is had is skipped, and nothing else', () => {
  fc.assert(
    fc.property(fc.array(rangeArbitrary, { maxLength: 8 }), (ranges) => {
      const have = new HaveRanges(ranges)
      const isHad = (seq: number): boolean => ranges.some(({ lo, hi }) => seq >= lo && seq <= hi)
      const sent: number[] = []
      for (let seq = have.firstMissing(0); seq < 60; seq = have.firstMissing(seq)) {
        const below = Math.min(have.nextHad(seq), 60)
        assert.ok(below > seq)
        for (; seq < below; seq++) sent.push(seq)
      }
      assert.deepEqual(
        sent,
        Array.from({ length: 60 }, (_, seq) => seq).filter((seq) => !isHad(seq)),
      )
    }),
    { seed: 4 },
  )
})
