import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EditableRoot, fixtureRoot, valuesOf } from './fixture-root.ts'
import { TextScanner } from './text-scanner.ts'
import { UptimeSensor } from './uptime.ts'

test('the uptime is in whole seconds', () => {
  using sensor = new UptimeSensor(fixtureRoot('two-core-vm'), new TextScanner())
  assert.deepEqual(valuesOf(sensor, 0), { uptime_seconds: 1444 })
})

test('an uptime that is no number, or absent, is none', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  root.write('proc/uptime', 'long')
  using sensor = new UptimeSensor(root.path, new TextScanner())
  assert.deepEqual(valuesOf(sensor, 0), { uptime_seconds: null })
  root.remove('proc/uptime')
  using other = new UptimeSensor(root.path, new TextScanner())
  assert.deepEqual(valuesOf(other, 0), { uptime_seconds: null })
})
