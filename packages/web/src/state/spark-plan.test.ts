import assert from 'node:assert/strict'
import { test } from 'node:test'
import { highest, planSparks } from './spark-plan.ts'

test('traffic is that of all interfaces but the loopback', () => {
  const names = ['eth0', 'lo'].flatMap((name) => [
    `network_receive_bytes_total{interface="${name}"}`,
    `network_transmit_bytes_total{interface="${name}"}`,
  ])
  const [spark] = planSparks(names)
  assert.deepEqual(spark?.lines[0]?.sum, [names[0], names[1]])
})

test('a machine without a thermometer shows its fullest file system instead', () => {
  const disk = 'filesystem_used_bytes{mount="/"}'
  assert.deepEqual(
    planSparks([disk, 'temperature_celsius{sensor="cpu"}']).map(({ kind }) => kind),
    ['temperature'],
  )
  assert.equal(planSparks([disk])[0]?.lines[0]?.over, 'filesystem_size_bytes{mount="/"}')
})

test('the highest of several lines skips what is missing', () => {
  const columns = [
    Float64Array.of(1, Number.NaN, Number.NaN),
    Float64Array.of(3, 2, Number.NaN),
    Float64Array.of(2, 1, Number.NaN),
  ]
  assert.deepEqual([...highest(columns)], [3, 2, Number.NaN])
})
