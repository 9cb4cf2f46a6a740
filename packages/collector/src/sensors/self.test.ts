import assert from 'node:assert/strict'
import { test } from 'node:test'
import { valuesOf } from './fixture-root.ts'
import { SelfSensor } from './self.ts'

test('the collector tells what it costs and how its queue is', () => {
  using sensor = new SelfSensor(() => ({ queueTicks: 3, evictedTicks: 2, missedTicks: 1 }))
  assert.equal(valuesOf(sensor, 1000).collector_cpu_ratio, null)
  const values = valuesOf(sensor, 2000)
  assert.ok((values.collector_cpu_ratio as number) >= 0)
  assert.ok((values.collector_memory_bytes as number) > 1e6)
  assert.equal(values.collector_queue_ticks, 3)
  assert.equal(values.collector_evicted_ticks_total, 2)
  assert.equal(values.collector_missed_ticks_total, 1)
})
