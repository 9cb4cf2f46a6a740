import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ApiError } from './api-error.ts'
import { parseLiveBatch, parseLiveNotice } from './live-message.ts'

const UUID = '0198f3a2-1b2c-7d3e-8f40-5a6b7c8d9e0f'

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80)
  return [...bytes, rest]
}

function message(run: number, firstSeq: number, ticks: readonly (readonly number[])[]): Uint8Array {
  const runBytes = [40, 32, 24, 16, 8, 0].map((bits) => Math.floor(run / 2 ** bits) % 256)
  const body = ticks.flatMap((tick) => [...varint(tick.length), ...tick])
  return Uint8Array.from([
    ...Uint8Array.fromHex(UUID.replaceAll('-', '')),
    ...runBytes,
    ...varint(firstSeq),
    ...varint(ticks.length),
    ...body,
  ])
}

test('a binary message names its collector, run and seq, and bounds each tick', () => {
  const ticks = fc.array(fc.array(fc.nat(255), { maxLength: 300 }), { maxLength: 5 })
  fc.assert(
    fc.property(fc.nat(2 ** 31), fc.maxSafeNat(), ticks, (run, firstSeq, sent) => {
      const batch = parseLiveBatch(message(run * 2 ** 16, firstSeq, sent))
      assert.equal(batch.collector, UUID)
      assert.equal(batch.run, run * 2 ** 16)
      assert.equal(batch.firstSeq, firstSeq)
      const read = sent.map((_, i) => [...batch.bytes.subarray(batch.bounds[i * 2], batch.bounds[i * 2 + 1])])
      assert.deepEqual(read, sent)
    }),
  )
})

test('every proper prefix is refused', () => {
  const whole = message(5, 300, [[1, 2, 3], [4]])
  for (let length = 0; length < whole.length; length++) {
    assert.throws(() => parseLiveBatch(whole.subarray(0, length)), ApiError)
  }
})

test('a count over the limit is refused before anything is allocated', () => {
  const bytes = Uint8Array.from([...new Uint8Array(22), 0, ...varint(2 ** 40)])
  assert.throws(() => parseLiveBatch(bytes), /announces/)
})

test('a text message is a schema, a state, or unknown', () => {
  const series = [{ name: 'load1', unit: 'none', kind: 'gauge', resolution: 0.01 }]
  assert.deepEqual(parseLiveNotice(JSON.stringify({ schema: { collector: UUID, id: 'ab', series } })), {
    type: 'schema',
    collector: UUID,
    id: 'ab',
    series,
  })
  const state = parseLiveNotice(JSON.stringify({ state: { collector: UUID, state: 'late' } }))
  assert.equal(state.type === 'state' && state.row.state, 'late')
  assert.deepEqual(parseLiveNotice('{"later":1}'), { type: 'unknown' })
  assert.throws(() => parseLiveNotice('{'), ApiError)
})
