import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EditableRoot, noneOf, valuesOf } from './fixture-root.ts'
import { PressureSensor } from './pressure.ts'
import { TextScanner } from './text-scanner.ts'

const IO = 'proc/pressure/io'

test('pressure is the share of the time since the read before', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  using sensor = new PressureSensor(root.path, 'io', new TextScanner())
  assert.deepEqual(valuesOf(sensor, 5000), { pressure_io_some_ratio: null, pressure_io_full_ratio: null })
  root.edit(IO, (text) => text.replace('=5438418', '=5938418').replace('=4102146', '=4202146'))
  assert.deepEqual(valuesOf(sensor, 7000), { pressure_io_some_ratio: 0.25, pressure_io_full_ratio: 0.05 })
  assert.deepEqual(valuesOf(sensor, 8000), { pressure_io_some_ratio: 0, pressure_io_full_ratio: 0 })
})

test('pressure is never over 1, and none after a reset', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  using sensor = new PressureSensor(root.path, 'io', new TextScanner())
  valuesOf(sensor, 0)
  root.edit(IO, (text) => text.replace('=5438418', '=6439000').replace('=4102146', '=0'))
  assert.deepEqual(valuesOf(sensor, 1000), { pressure_io_some_ratio: 1, pressure_io_full_ratio: null })
})

test('for processors there is some alone', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  using sensor = new PressureSensor(root.path, 'cpu', new TextScanner())
  assert.deepEqual(valuesOf(sensor, 0), { pressure_cpu_some_ratio: null })
})

test('a kernel without pressure has no series until it has', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  root.remove('proc/pressure/memory')
  using sensor = new PressureSensor(root.path, 'memory', new TextScanner())
  assert.deepEqual(valuesOf(sensor, 0), {})
  root.write('proc/pressure/memory', 'some avg10=0.00 total=0\nfull avg10=0.00 total=0\n')
  assert.equal(sensor.rescan(10_000), true)
  assert.equal(sensor.rescan(20_000), false)
  assert.equal(sensor.series.length, 2)
  root.write('proc/pressure/memory', 'garbage')
  valuesOf(sensor, 21_000)
  assert.deepEqual(valuesOf(sensor, 22_000), noneOf(sensor))
})
