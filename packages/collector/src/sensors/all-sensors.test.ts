import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS } from '@godwit/protocol'
import { createSensors } from './all-sensors.ts'
import { fixtureRoot, noneOf, valuesOf } from './fixture-root.ts'

const selfStats = () => ({ queueTicks: 0, evictedTicks: 0, missedTicks: 0 })

test('no two series of a machine have one name', () => {
  for (const host of ['two-core-vm', 'documented-server', 'documented-board']) {
    using stack = new DisposableStack()
    const sensors = createSensors({ root: fixtureRoot(host), platform: 'linux', selfStats })
    for (const sensor of sensors) stack.use(sensor)
    const names = sensors.flatMap((sensor) => sensor.series.map((series) => series.name))
    assert.equal(new Set(names).size, names.length)
    assert.ok(names.length < LIMITS.schemaSeries)
  }
})

test('an empty root gives none and no errors', () => {
  using stack = new DisposableStack()
  for (const sensor of createSensors({ root: '/nowhere', platform: 'linux', selfStats })) {
    stack.use(sensor)
    if (sensor.name !== 'self') assert.deepEqual(valuesOf(sensor, 0), noneOf(sensor))
    assert.equal(sensor.rescan(0), false)
  }
})

test('a system that is not Linux has what node:os knows', () => {
  using stack = new DisposableStack()
  const sensors = createSensors({ platform: 'win32', selfStats })
  for (const sensor of sensors) stack.use(sensor)
  assert.deepEqual(
    sensors.map((sensor) => sensor.name),
    ['os', 'self'],
  )
})
