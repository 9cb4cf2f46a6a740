import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LiveSocket } from './live-socket.ts'
import { connected, schemaText, tickMessages, UUID } from './test-live.ts'

function collectInto(values: number[]): Parameters<LiveSocket['watch']>[1] {
  return { onTick: (tick) => values.push(tick.values[0] as number), onLate: () => values.push(Number.NaN) }
}

test('ticks reach who watches their collector, each once', () => {
  const { clock, live, wires } = connected()
  const seen: number[] = []
  live.watch(UUID, collectInto(seen))
  clock.runDue()
  assert.deepEqual(JSON.parse(wires[0]?.sent.at(-1) ?? ''), { subscribe: [UUID] })
  wires[0]?.onmessage?.({ data: schemaText() })
  const [first, second] = tickMessages([1.5, 2.25])
  for (const data of [first, second]) wires[0]?.onmessage?.({ data })
  assert.deepEqual(seen, [1.5, 2.25])
})

test('ticks from before the newest one are told as late', () => {
  const { live, wires } = connected()
  const seen: number[] = []
  live.watch(UUID, collectInto(seen))
  wires[0]?.onmessage?.({ data: schemaText() })
  const [first, second] = tickMessages([1, 2])
  for (const data of [first, second, first]) wires[0]?.onmessage?.({ data })
  assert.deepEqual(seen, [1, 2, Number.NaN])
})

test('one page that follows another goes on decoding without a new schema or key tick', () => {
  const { live, wires } = connected()
  const [first, second] = tickMessages([1, 2])
  const stop = live.watch(UUID, collectInto([]))
  wires[0]?.onmessage?.({ data: schemaText() })
  wires[0]?.onmessage?.({ data: first })
  stop()
  const seen: number[] = []
  live.watch(UUID, collectInto(seen))
  wires[0]?.onmessage?.({ data: second })
  assert.deepEqual(seen, [2])
})

test('after a lost connection it connects again, subscribes again and counts an epoch', () => {
  const { clock, live, wires } = connected()
  live.watch(UUID, collectInto([]))
  clock.runDue()
  wires[0]?.close()
  assert.deepEqual(live.connection.value, { status: 'lost', sinceMs: 1000 })
  clock.runDue()
  wires[1]?.onopen?.()
  assert.deepEqual(live.connection.value, { status: 'open' })
  assert.equal(live.epoch.value, 1)
  assert.deepEqual(wires[1]?.sent, [JSON.stringify({ subscribe: [UUID] })])
})

test('a socket in doubt is closed and replaced', () => {
  const { clock, live, wires } = connected()
  live.doubt()
  assert.equal(live.connection.value.status, 'lost')
  clock.runDue()
  assert.equal(wires.length, 2)
})

test('while the connection is lost, any answer of the server leads to a try at once, but not to two', () => {
  const { live, wires } = connected()
  live.trust()
  assert.equal(wires.length, 1)
  wires[0]?.close()
  live.trust()
  live.trust()
  assert.equal(wires.length, 2)
  wires[1]?.onopen?.()
  assert.deepEqual(live.connection.value, { status: 'open' })
})

test('a try that hangs while the server answers is given up for another', () => {
  const { clock, live, wires } = connected()
  wires[0]?.close()
  live.trust()
  clock.timeMs += 5000
  live.trust()
  assert.equal(wires.length, 3)
  wires[2]?.onopen?.()
  assert.deepEqual(live.connection.value, { status: 'open' })
})
