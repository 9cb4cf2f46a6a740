import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { DisksSensor } from './disks.ts'
import { EditableRoot, fixtureRoot, noneOf, valuesOf } from './fixture-root.ts'
import { TextScanner } from './text-scanner.ts'

const DISKSTATS = 'proc/diskstats'
const VDA = {
  'disk_read_bytes_total{device="vda"}': 1992530 * 512,
  'disk_written_bytes_total{device="vda"}': 8169568 * 512,
  'disk_reads_total{device="vda"}': 14483,
  'disk_writes_total{device="vda"}': 11122,
  'disk_busy_ms_total{device="vda"}': 10996,
}
const USB = '   8       0 sda 1 2 3 4 5 6 7 8 9 10 11\n   8       1 sda1 1 2 3 4 5 6 7 8 9 10 11\n'

function plugIn(root: EditableRoot, sizeSectors: number): void {
  root.edit(DISKSTATS, (text) => USB + text)
  mkdirSync(join(root.path, 'sys/block/sda'))
  root.write('sys/block/sda/size', `${sizeSectors}\n`)
}

test('disks are whole devices, in bytes and ms', () => {
  using sensor = new DisksSensor(fixtureRoot('two-core-vm'), new TextScanner())
  assert.deepEqual(valuesOf(sensor, 0), VDA)
})

test('a disk that is plugged in shows after a rescan, and spoils nothing before it', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  using sensor = new DisksSensor(root.path, new TextScanner())
  plugIn(root, 1000)
  assert.deepEqual(valuesOf(sensor, 0), VDA)
  assert.equal(sensor.rescan(0), true)
  assert.deepEqual(valuesOf(sensor, 1000), {
    'disk_read_bytes_total{device="sda"}': 3 * 512,
    'disk_written_bytes_total{device="sda"}': 7 * 512,
    'disk_reads_total{device="sda"}': 1,
    'disk_writes_total{device="sda"}': 5,
    'disk_busy_ms_total{device="sda"}': 10,
    ...VDA,
  })
})

test('a disk that is pulled out is none, and gone after a rescan', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  plugIn(root, 1000)
  using sensor = new DisksSensor(root.path, new TextScanner())
  root.edit(DISKSTATS, (text) => text.slice(USB.length))
  assert.deepEqual(valuesOf(sensor, 0), { ...noneOf(sensor), ...VDA })
  assert.equal(sensor.rescan(0), true)
  assert.deepEqual(valuesOf(sensor, 1000), VDA)
})

test('a drive without a medium is left out', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  plugIn(root, 0)
  using sensor = new DisksSensor(root.path, new TextScanner())
  assert.deepEqual(valuesOf(sensor, 0), VDA)
})

test('without /sys the names tell partitions from disks', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  root.remove('sys')
  root.edit(DISKSTATS, (text) => `${USB}${text} 179 0 mmcblk0 1 1 1 1\n 179 1 mmcblk0p1 1 1 1 1\n`)
  using sensor = new DisksSensor(root.path, new TextScanner())
  const devices = new Set(sensor.series.map(({ name }) => /"(.*)"/.exec(name)?.[1]))
  assert.deepEqual([...devices], ['sda', 'vda', 'mmcblk0'])
})

test('bytes over 2^53 are none', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  root.edit(DISKSTATS, (text) => text.replace('1992530', String(2 ** 44)))
  using sensor = new DisksSensor(root.path, new TextScanner())
  assert.equal(valuesOf(sensor, 0)['disk_read_bytes_total{device="vda"}'], null)
})

test('garbage and a short line are none', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  using sensor = new DisksSensor(root.path, new TextScanner())
  for (const text of ['', '\n\n', 'x', ' 254 0 vda', ' 254 0 vda a b c d e f g h i\n']) {
    root.write(DISKSTATS, text)
    assert.deepEqual(valuesOf(sensor, 0), noneOf(sensor))
  }
})

test('a file that is absent gives no series until it appears', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  root.remove(DISKSTATS)
  using sensor = new DisksSensor(root.path, new TextScanner())
  assert.deepEqual(valuesOf(sensor, 0), {})
  root.write(DISKSTATS, ' 254 0 vda 1 2 3 4 5 6 7 8 9 10 11\n')
  assert.equal(sensor.rescan(10_000), true)
  assert.equal(valuesOf(sensor, 10_000)['disk_reads_total{device="vda"}'], 1)
})

test('disks whose names are in no encoding stay apart', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  root.remove('sys')
  const rest = ' 1 2 3 4 5 6 7 8 9 10 11\n'
  root.write(DISKSTATS, Buffer.from(` 8 0 d\xff${rest} 8 16 d\xfe${rest} 8 16 d\xfe${rest}`, 'latin1'))
  using sensor = new DisksSensor(root.path, new TextScanner())
  const devices = sensor.series.map(({ name }) => /"(.*)"/.exec(name)?.[1])
  assert.deepEqual([...new Set(devices)], ['d\\u00ff', 'd\\u00fe'])
  assert.equal(devices.length, 10)
})
