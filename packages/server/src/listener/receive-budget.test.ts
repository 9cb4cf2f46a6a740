import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReceiveBudget } from './receive-budget.ts'

class Holder {
  bufferedBytes = 0
  readonly codes: unknown[] = []
  readonly #budget: () => ReceiveBudget

  constructor(budget: () => ReceiveBudget) {
    this.#budget = budget
  }

  hold(bytes: number): void {
    this.bufferedBytes += bytes
    this.#budget().add(bytes)
  }

  reject(error: Error): void {
    this.codes.push('code' in error && error.code)
    this.hold(-this.bufferedBytes)
  }
}

test('over 64 MiB the connection that holds most is ended, and its place is free again', () => {
  const holders = new Set<Holder>()
  const budget = new ReceiveBudget(holders)
  const [small, large, late] = [0, 0, 0].map(() => new Holder(() => budget)) as [Holder, Holder, Holder]
  for (const holder of [small, large, late]) holders.add(holder)
  const MiB = 1024 * 1024
  small.hold(20 * MiB)
  large.hold(40 * MiB)
  late.hold(4 * MiB)
  assert.deepEqual(large.codes, [])
  late.hold(1)
  assert.deepEqual([small.codes, large.codes, late.codes], [[], ['RECEIVE_LIMIT'], []])
  small.hold(30 * MiB)
  assert.equal(small.codes.length, 0)
})
