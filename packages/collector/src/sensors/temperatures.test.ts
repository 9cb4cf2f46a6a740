import assert from 'node:assert/strict'
import { symlinkSync } from 'node:fs'
import { test } from 'node:test'
import { EditableRoot, fixtureRoot, noneOf, valuesOf } from './fixture-root.ts'
import { TemperaturesSensor } from './temperatures.ts'

const INTERVAL_MS = 1000

/** Reads at `monoMs` until `expected` comes, as it does when the reads in the background are over. */
async function comesTo(
  sensor: TemperaturesSensor,
  monoMs: number,
  expected: Record<string, number | null>,
): Promise<void> {
  for (let turn = 0; turn < 2000; turn++) {
    const values = valuesOf(sensor, monoMs)
    if (Object.entries(expected).every(([name, value]) => values[name] === value)) return
    await new Promise(setImmediate)
  }
  assert.deepEqual(valuesOf(sensor, monoMs), expected)
}

test('temperatures are in degrees, fans in turns a minute', async () => {
  using sensor = new TemperaturesSensor(fixtureRoot('documented-server'), INTERVAL_MS)
  assert.deepEqual(valuesOf(sensor, 0), noneOf(sensor), 'nothing is read while the tick waits')
  await comesTo(sensor, 0, {
    'temperature_celsius{sensor="coretemp/Core 0"}': 52,
    'temperature_celsius{sensor="coretemp/Core 8"}': 51,
    'temperature_celsius{sensor="coretemp/Package id 0"}': 54,
    'temperature_celsius{sensor="nct6775/SYSTIN"}': -2.5,
    'temperature_celsius{sensor="nvme-nvme0/Composite"}': 38.85,
    'temperature_celsius{sensor="nvme-nvme1/Composite"}': 39.85,
    'fan_rpm{sensor="nct6775/fan1"}': 1205,
    'fan_rpm{sensor="nct6775/fan2"}': 0,
  })
})

test('a value changes with its file and is none when that holds no number', async (context) => {
  const root = new EditableRoot(context, 'documented-board')
  using sensor = new TemperaturesSensor(root.path, INTERVAL_MS)
  await comesTo(sensor, 0, { 'temperature_celsius{sensor="cpu_thermal/temp1"}': 48.312 })
  root.write('sys/class/hwmon/hwmon0/temp1_input', '50000\n')
  await comesTo(sensor, 1000, { 'temperature_celsius{sensor="cpu_thermal/temp1"}': 50 })
  root.write('sys/class/hwmon/hwmon0/temp1_input', 'hot\n')
  await comesTo(sensor, 2000, { 'temperature_celsius{sensor="cpu_thermal/temp1"}': null })
})

test('a value that is not renewed is none after a while', async () => {
  using sensor = new TemperaturesSensor(fixtureRoot('documented-board'), INTERVAL_MS)
  await comesTo(sensor, 0, { 'temperature_celsius{sensor="gpu-thermal"}': 47.1 })
  assert.deepEqual(valuesOf(sensor, 60_000), noneOf(sensor))
})

test('sensors come and go with a rescan', async (context) => {
  const root = new EditableRoot(context, 'documented-board')
  using sensor = new TemperaturesSensor(root.path, INTERVAL_MS)
  assert.equal(sensor.rescan(), false)
  root.write('sys/class/hwmon/hwmon1/temp1_input', '21000\n')
  assert.equal(sensor.rescan(), true)
  await comesTo(sensor, 0, { 'temperature_celsius{sensor="rpi_volt/temp1"}': 21 })
  root.remove('sys/class/hwmon')
  assert.equal(sensor.rescan(), true)
  await comesTo(sensor, 1000, { 'temperature_celsius{sensor="cpu-thermal"}': 48.312 })
  root.remove('sys')
  assert.equal(sensor.rescan(), true)
  assert.deepEqual(valuesOf(sensor, 2000), {})
})

test('two channels of one name are one series', (context) => {
  const root = new EditableRoot(context, 'documented-server')
  root.remove('sys/class/hwmon/hwmon3/device')
  symlinkSync('../../../devices/nvme0', `${root.path}/sys/class/hwmon/hwmon3/device`)
  using sensor = new TemperaturesSensor(root.path, INTERVAL_MS)
  assert.equal(sensor.series.length, 7)
})
