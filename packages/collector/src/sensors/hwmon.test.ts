import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EditableRoot, fixtureRoot } from './fixture-root.ts'
import { findHwmonInputs } from './hwmon.ts'

const sensorsBelow = (root: string): string[] =>
  findHwmonInputs(root).map(({ metric, sensor }) => `${metric} ${sensor}`)

test('chips are named by what they are, and by their device where two are alike', () => {
  assert.deepEqual(sensorsBelow(fixtureRoot('documented-server')), [
    'temperature_celsius coretemp/Core 0',
    'temperature_celsius coretemp/Core 8',
    'temperature_celsius coretemp/Package id 0',
    'temperature_celsius nct6775/SYSTIN',
    'temperature_celsius nvme-nvme0/Composite',
    'temperature_celsius nvme-nvme1/Composite',
    'fan_rpm nct6775/fan1',
    'fan_rpm nct6775/fan2',
  ])
})

test('a thermal zone counts where no chip stands for it', () => {
  assert.deepEqual(sensorsBelow(fixtureRoot('documented-board')), [
    'temperature_celsius cpu_thermal/temp1',
    'temperature_celsius gpu-thermal',
  ])
})

test('channels with one label are named by their number', (context) => {
  const root = new EditableRoot(context, 'documented-server')
  root.write('sys/class/hwmon/hwmon0/temp2_label', 'Core 8')
  assert.deepEqual(sensorsBelow(root.path).slice(0, 3), [
    'temperature_celsius coretemp/Package id 0',
    'temperature_celsius coretemp/temp2',
    'temperature_celsius coretemp/temp10',
  ])
})

test('a machine without sensors has none', () => {
  assert.deepEqual(findHwmonInputs(fixtureRoot('two-core-vm')), [])
})

test('labels in no encoding stay apart', (context) => {
  const root = new EditableRoot(context, 'documented-server')
  root.write('sys/class/hwmon/hwmon0/temp1_label', Buffer.from('c\xff\n', 'latin1'))
  root.write('sys/class/hwmon/hwmon0/temp2_label', Buffer.from('c\xfe\n', 'latin1'))
  const names = sensorsBelow(root.path)
  assert.ok(names.includes('temperature_celsius coretemp/c\u00ff'))
  assert.ok(names.includes('temperature_celsius coretemp/c\u00fe'))
})
