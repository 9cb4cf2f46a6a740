import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EditableRoot, fixtureRoot, noneOf, valuesOf } from './fixture-root.ts'
import { MemorySensor } from './memory.ts'
import { TextScanner } from './text-scanner.ts'

const MEMINFO = 'proc/meminfo'
const EXPECTED = {
  memory_total_bytes: 24684096 * 1024,
  memory_used_bytes: (24684096 - 24240388) * 1024,
  memory_free_bytes: 22814460 * 1024,
  memory_available_bytes: 24240388 * 1024,
  memory_buffers_bytes: 31824 * 1024,
  memory_cached_bytes: 1539368 * 1024,
  memory_slab_bytes: 189392 * 1024,
  memory_dirty_bytes: 448948 * 1024,
  swap_total_bytes: 0,
  swap_used_bytes: 0,
}

test('memory and swap are in bytes', () => {
  using sensor = new MemorySensor(fixtureRoot('two-core-vm'), new TextScanner())
  assert.deepEqual(valuesOf(sensor, 0), EXPECTED)
  assert.deepEqual(valuesOf(sensor, 1000), EXPECTED)
})

test('lines that moved are found again', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  using sensor = new MemorySensor(root.path, new TextScanner())
  valuesOf(sensor, 0)
  root.edit(
    MEMINFO,
    (text) => `MemShiny: 1 kB\n${text.replace('SwapTotal:             0', 'SwapTotal:             8')}`,
  )
  assert.deepEqual(valuesOf(sensor, 1000), { ...EXPECTED, swap_total_bytes: 8192, swap_used_bytes: 8192 })
})

test('a line that is not there is none, and so is what needs it', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  using sensor = new MemorySensor(root.path, new TextScanner())
  valuesOf(sensor, 0)
  root.edit(MEMINFO, (text) => text.replace(/MemAvailable.*\n/, '').replace(/Dirty:.*\n/, 'Dirty: lots\n'))
  assert.deepEqual(valuesOf(sensor, 1000), {
    ...EXPECTED,
    memory_used_bytes: null,
    memory_available_bytes: null,
    memory_dirty_bytes: null,
  })
})

test('a shorter file leaves nothing of the one before', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  using sensor = new MemorySensor(root.path, new TextScanner())
  valuesOf(sensor, 0)
  root.write(MEMINFO, 'garbage')
  assert.deepEqual(valuesOf(sensor, 1000), noneOf(sensor))
  root.write(MEMINFO, '')
  assert.deepEqual(valuesOf(sensor, 2000), noneOf(sensor))
})

test('a file that is absent is none, and found when it appears', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  root.remove(MEMINFO)
  using sensor = new MemorySensor(root.path, new TextScanner())
  assert.deepEqual(valuesOf(sensor, 0), noneOf(sensor))
  root.write(MEMINFO, 'MemTotal: 5 kB\n')
  assert.deepEqual(valuesOf(sensor, 10_000), { ...noneOf(sensor), memory_total_bytes: 5120 })
})
