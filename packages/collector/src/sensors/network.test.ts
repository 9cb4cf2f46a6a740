import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EditableRoot, fixtureRoot, noneOf, valuesOf } from './fixture-root.ts'
import { NetworkSensor } from './network.ts'
import { TextScanner } from './text-scanner.ts'

const DEV = 'proc/net/dev'
const ETH0 = {
  'network_receive_bytes_total{interface="eth0"}': 1410519452,
  'network_receive_packets_total{interface="eth0"}': 33553,
  'network_receive_errors_total{interface="eth0"}': 0,
  'network_receive_drops_total{interface="eth0"}': 0,
  'network_transmit_bytes_total{interface="eth0"}': 2567498,
  'network_transmit_packets_total{interface="eth0"}': 21864,
  'network_transmit_errors_total{interface="eth0"}': 0,
  'network_transmit_drops_total{interface="eth0"}': 0,
}
const WLAN0 = ' wlan0:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n'

/** Leaves the interfaces out that the captured machine has and never used. */
function onlyEth0(root: EditableRoot): void {
  root.edit(DEV, (text) => text.replace(/ *ifb.*\n/g, ''))
}

test('each interface but the loopback', () => {
  using sensor = new NetworkSensor(fixtureRoot('two-core-vm'), new TextScanner())
  const interfaces = new Set(sensor.series.map(({ name }) => /"(.*)"/.exec(name)?.[1]))
  assert.deepEqual([...interfaces], ['ifb0', 'ifb1', 'eth0'])
  const values = valuesOf(sensor, 0)
  assert.deepEqual({ ...values, ...ETH0 }, values)
})

test('an interface that appears shows after a rescan, in the columns of the kernel', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  onlyEth0(root)
  using sensor = new NetworkSensor(root.path, new TextScanner())
  root.edit(DEV, (text) => text + WLAN0)
  assert.deepEqual(valuesOf(sensor, 0), ETH0)
  assert.equal(sensor.rescan(0), true)
  assert.deepEqual(valuesOf(sensor, 1000), {
    ...ETH0,
    'network_receive_bytes_total{interface="wlan0"}': 1,
    'network_receive_packets_total{interface="wlan0"}': 2,
    'network_receive_errors_total{interface="wlan0"}': 3,
    'network_receive_drops_total{interface="wlan0"}': 4,
    'network_transmit_bytes_total{interface="wlan0"}': 9,
    'network_transmit_packets_total{interface="wlan0"}': 10,
    'network_transmit_errors_total{interface="wlan0"}': 11,
    'network_transmit_drops_total{interface="wlan0"}': 12,
  })
})

test('interfaces that change places keep their own numbers', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  onlyEth0(root)
  root.edit(DEV, (text) => text + WLAN0)
  using sensor = new NetworkSensor(root.path, new TextScanner())
  const before = valuesOf(sensor, 0)
  root.edit(DEV, (text) => text.replace(WLAN0, '').replace(/ *lo:/, (lo) => WLAN0 + lo))
  assert.deepEqual(valuesOf(sensor, 1000), before)
})

test('an interface that goes is none, and gone after a rescan', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  onlyEth0(root)
  root.edit(DEV, (text) => text + WLAN0)
  using sensor = new NetworkSensor(root.path, new TextScanner())
  root.edit(DEV, (text) => text.replace(WLAN0, ''))
  assert.deepEqual(valuesOf(sensor, 0), { ...noneOf(sensor), ...ETH0 })
  assert.equal(sensor.rescan(0), true)
  assert.deepEqual(valuesOf(sensor, 1000), ETH0)
})

test('the cables of containers do not change the series', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  onlyEth0(root)
  using sensor = new NetworkSensor(root.path, new TextScanner())
  root.edit(DEV, (text) => text + WLAN0.replace('wlan0', 'veth1a2b3c4'))
  assert.equal(sensor.rescan(0), false)
  assert.deepEqual(valuesOf(sensor, 0), ETH0)
})

test('a counter that was reset is given as it is', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  using sensor = new NetworkSensor(root.path, new TextScanner())
  valuesOf(sensor, 0)
  root.edit(DEV, (text) => text.replace('1410519452', '12'))
  assert.equal(valuesOf(sensor, 1000)['network_receive_bytes_total{interface="eth0"}'], 12)
  root.edit(DEV, (text) => text.replace('eth0: 12', 'eth0: 18446744073709551615'))
  assert.equal(valuesOf(sensor, 2000)['network_receive_bytes_total{interface="eth0"}'], null)
})

test('garbage is none', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  using sensor = new NetworkSensor(root.path, new TextScanner())
  for (const text of ['', '\n\n', '\n\n\n', 'a\nb\neth0 1 2 3\n', 'a\nb\neth0: x y z\n', 'a\nb\n:\n::::']) {
    root.write(DEV, text)
    assert.deepEqual(valuesOf(sensor, 0), noneOf(sensor))
  }
})

test('a hundred interfaces are held to 64', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  onlyEth0(root)
  const many = Array.from({ length: 100 }, (_, index) => WLAN0.replace('wlan0', `tun${index}`)).join('')
  root.edit(DEV, (text) => text + many)
  using sensor = new NetworkSensor(root.path, new TextScanner())
  assert.equal(sensor.series.length, 64 * 8)
  assert.equal(valuesOf(sensor, 0)['network_transmit_drops_total{interface="tun62"}'], 12)
})

test('interfaces whose names are in no encoding stay apart, each with its own numbers', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  const line = (name: string, first: number): string => `${name}: ${first} 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n`
  root.write(DEV, Buffer.from(`a\nb\n${line('e\xff', 1)}${line('e\xfe', 2)}`, 'latin1'))
  using sensor = new NetworkSensor(root.path, new TextScanner())
  const values = valuesOf(sensor, 0)
  assert.equal(Object.keys(values).length, 16)
  assert.equal(values['network_receive_bytes_total{interface="e\\u00ff"}'], 1)
  assert.equal(values['network_receive_bytes_total{interface="e\\u00fe"}'], 2)
  root.write(DEV, Buffer.from(`a\nb\n${line('e\xfe', 2)}${line('e\xff', 1)}`, 'latin1'))
  assert.deepEqual(valuesOf(sensor, 1000), values)
})

test('of two names that read alike in two encodings the first counts', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  const rest = ' 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n'
  const text = Buffer.concat([Buffer.from(`a\nb\ne\xff: 1${rest}`, 'latin1'), Buffer.from(`e\xff: 2${rest}`)])
  root.write(DEV, text)
  using sensor = new NetworkSensor(root.path, new TextScanner())
  const values = valuesOf(sensor, 0)
  assert.equal(Object.keys(values).length, 8)
  assert.equal(values['network_receive_bytes_total{interface="e\\u00ff"}'], 1)
})
