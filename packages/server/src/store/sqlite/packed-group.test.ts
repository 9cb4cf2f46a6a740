import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { StoredBatch } from '../store.ts'
import { batchCount, packGroup, unpackBatches, unpackResult } from './packed-group.ts'

const whole = fc.maxSafeNat()
const batch: fc.Arbitrary<StoredBatch> = fc.record(
  { collectorNo: whole, run: whole, seq: whole, count: whole, firstMs: whole, lastMs: whole, ticks: fc.uint8Array() },
  { noNullPrototype: true },
)

test('a group comes out of its buffers as it went in', () => {
  fc.assert(
    fc.property(fc.array(batch), (batches) => {
      const samples = [{ collectorNo: 1, wallMs: 2, values: [Number.NaN, 3] }]
      const packed = packGroup({ batches, samples })
      assert.equal(batchCount(packed), batches.length)
      assert.deepEqual([...unpackBatches(packed)], batches)
      assert.equal(packed.samples, samples)
    }),
  )
})

test('a batch that is a view into a larger buffer is packed alone', () => {
  const frame = Uint8Array.of(1, 2, 3, 4, 5)
  const one: StoredBatch = {
    collectorNo: 1,
    run: 2,
    seq: 3,
    count: 4,
    firstMs: 5,
    lastMs: 6,
    ticks: frame.subarray(1, 3),
  }
  const packed = packGroup({ batches: [one], samples: [] })
  assert.deepEqual([...packed.ticks], [2, 3])
})

test('outcomes come back one a batch', () => {
  const result = unpackResult({ outcomes: Uint8Array.of(0, 1, 2), samples: [null] })
  assert.deepEqual(result, { batches: ['stored', 'duplicate', 'fragmented'], samples: [null] })
})
