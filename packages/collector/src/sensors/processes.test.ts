import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EditableRoot, valuesOf } from './fixture-root.ts'
import { ProcessesSensor } from './processes.ts'

test('processes are counted anew in each rescan', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  using sensor = new ProcessesSensor(root.path)
  assert.deepEqual(valuesOf(sensor, 0), { processes: 3 })
  root.remove('proc/431')
  assert.equal(sensor.rescan(), false)
  assert.deepEqual(valuesOf(sensor, 1000), { processes: 2 })
  root.remove('proc')
  sensor.rescan()
  assert.deepEqual(valuesOf(sensor, 2000), { processes: null })
})
