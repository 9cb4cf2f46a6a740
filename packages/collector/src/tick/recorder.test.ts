import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Series, seriesOf, TickCursor, TickDecoder } from '@godwit/protocol'
import { MemoryQueue } from '../queue/memory-queue.ts'
import { Recorder } from './recorder.ts'
import type { Sample } from './sampler.ts'

const LOAD = [seriesOf('load1')]
const TWICE = [seriesOf('load1'), seriesOf('load1')]

function startRecorder() {
  const queue = new MemoryQueue(7, 1 << 20)
  const drops: string[] = []
  const recorder = new Recorder(queue, 1000, (error) => drops.push(error.code))
  let second = 0
  const record = (series: readonly Series[], sample: Partial<Sample> = {}): boolean => {
    second++
    const values = new Float64Array(series.length).fill(second)
    const times = { wallMs: 1_700_000_000_000 + second * 1000, monoMs: second * 1000 }
    return recorder.record({ values, seriesChanged: false, missed: 0, ...times, ...sample }, series)
  }
  return { queue, drops, record }
}

/** Seq, missed and values of all that the queue holds. */
function held(queue: MemoryQueue): [number, number, number[]][] {
  const ticks: [number, number, number[]][] = []
  const decoder = new TickDecoder((id) => queue.schemas.find((schema) => schema.id === id))
  let seq = queue.range?.lo ?? 0
  for (let batch = queue.read(seq); batch !== undefined; batch = queue.read(seq)) {
    const cursor = new TickCursor(batch.ticks)
    for (; cursor.next(); seq++) {
      assert.ok(decoder.decode(batch.ticks, cursor.start, cursor.end, queue.run, seq))
      ticks.push([seq, decoder.missed, [...decoder.values]])
    }
  }
  return ticks
}

test('ticks of series that make no schema are dropped, said once, and missed in the next that is taken', () => {
  const { queue, drops, record } = startRecorder()
  assert.equal(record(LOAD, { seriesChanged: true }), true)
  assert.equal(record(TWICE, { seriesChanged: true }), false)
  assert.equal(record(TWICE, { missed: 2 }), false)
  assert.equal(record(TWICE), false)
  assert.equal(record(LOAD, { seriesChanged: true }), true)
  assert.equal(record(LOAD), true)
  assert.deepEqual(drops, ['METRIC_INVALID'])
  assert.deepEqual(held(queue), [
    [0, 0, [1]],
    [1, 5, [5]],
    [2, 0, [6]],
  ])
})

test('the first tick of all may be dropped', () => {
  const { queue, drops, record } = startRecorder()
  assert.equal(record(TWICE, { seriesChanged: true }), false)
  assert.equal(queue.range, undefined)
  assert.equal(record(LOAD, { seriesChanged: true }), true)
  assert.deepEqual(held(queue), [[0, 1, [2]]])
  assert.equal(drops.length, 1)
})

test('a clock that no tick can hold drops ticks until it is set, and a second time is said again', () => {
  const { queue, drops, record } = startRecorder()
  record(LOAD, { seriesChanged: true })
  for (let i = 0; i < 2; i++) {
    assert.equal(record(LOAD, { wallMs: -5 }), false)
    assert.equal(record(LOAD, { wallMs: -4 }), false)
    assert.equal(record(LOAD), true)
  }
  assert.deepEqual(drops, ['TICK_MALFORMED', 'TICK_MALFORMED'])
  assert.deepEqual(
    held(queue).map(([seq, missed]) => [seq, missed]),
    [
      [0, 0],
      [1, 2],
      [2, 2],
    ],
  )
})
