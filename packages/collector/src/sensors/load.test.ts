import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EditableRoot, fixtureRoot, noneOf, valuesOf } from './fixture-root.ts'
import { LoadSensor } from './load.ts'
import { TextScanner } from './text-scanner.ts'

test('the loads and the number of threads', () => {
  using sensor = new LoadSensor(fixtureRoot('two-core-vm'), new TextScanner())
  assert.deepEqual(valuesOf(sensor, 0), { load1: 1.25, load5: 0.67, load15: 0.32, threads: 89 })
})

test('what cannot be read is none', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  root.write('proc/loadavg', '1.25 0.07 x 3')
  using sensor = new LoadSensor(root.path, new TextScanner())
  assert.deepEqual(valuesOf(sensor, 0), { load1: 1.25, load5: 0.07, load15: null, threads: null })
  root.write('proc/loadavg', '')
  assert.deepEqual(valuesOf(sensor, 1000), noneOf(sensor))
})
