import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EditableRoot, fixtureRoot, noneOf, valuesOf } from './fixture-root.ts'
import { KernelStatSensor } from './kernel-stat.ts'
import { TextScanner } from './text-scanner.ts'

const STAT = 'proc/stat'
const COUNTERS = {
  interrupts_total: 1087957,
  context_switches_total: 3334616,
  forks_total: 5485,
  processes_running: 3,
  processes_blocked: 0,
}

test('the first read gives the counters and no shares', () => {
  using sensor = new KernelStatSensor(fixtureRoot('two-core-vm'), new TextScanner())
  assert.equal(sensor.series.length, 7 + 2 * 6 + 5)
  assert.deepEqual(valuesOf(sensor, 0), { ...noneOf(sensor), ...COUNTERS })
})

test('shares are those of the time since the read before', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  using sensor = new KernelStatSensor(root.path, new TextScanner())
  valuesOf(sensor, 0)
  root.edit(STAT, (text) =>
    text
      .replace('cpu  15177 0 10296 258257 561 0 234 3404 0 0', 'cpu  15187 10 10336 258337 581 10 244 3424 0 0')
      .replace('cpu0 6861 0 4903 130313 76 0 42 1763 0 0', 'cpu0 6886 0 4903 130388 76 0 42 1763 0 0'),
  )
  assert.deepEqual(valuesOf(sensor, 1000), {
    ...noneOf(sensor),
    ...COUNTERS,
    cpu_used_ratio: 0.5,
    cpu_user_ratio: 0.1,
    cpu_system_ratio: 0.2,
    cpu_iowait_ratio: 0.1,
    cpu_irq_ratio: 0.1,
    cpu_steal_ratio: 0.1,
    cpu_idle_ratio: 0.4,
    'cpu_user_ratio{cpu="0"}': 0.25,
    'cpu_system_ratio{cpu="0"}': 0,
    'cpu_iowait_ratio{cpu="0"}': 0,
    'cpu_irq_ratio{cpu="0"}': 0,
    'cpu_steal_ratio{cpu="0"}': 0,
    'cpu_idle_ratio{cpu="0"}': 0.75,
  })
})

test('a core whose idle time steps back has no negative share', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  using sensor = new KernelStatSensor(root.path, new TextScanner())
  valuesOf(sensor, 0)
  root.edit(STAT, (text) => text.replace('cpu0 6861 0 4903 130313 76', 'cpu0 6891 0 4913 130300 70'))
  const values = valuesOf(sensor, 1000)
  assert.equal(values['cpu_idle_ratio{cpu="0"}'], 0)
  assert.equal(values['cpu_iowait_ratio{cpu="0"}'], 0)
  assert.equal(values['cpu_user_ratio{cpu="0"}'], 0.75)
})

test('after a reset of all counters the shares are none, then right again', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  using sensor = new KernelStatSensor(root.path, new TextScanner())
  valuesOf(sensor, 0)
  root.edit(STAT, (text) => text.replace(/^cpu {2}.*$/m, 'cpu  10 0 10 80 0 0 0 0 0 0'))
  assert.equal(valuesOf(sensor, 1000).cpu_used_ratio, null)
  root.edit(STAT, (text) => text.replace(/^cpu {2}.*$/m, 'cpu  20 0 20 160 0 0 0 0 0 0'))
  assert.equal(valuesOf(sensor, 2000).cpu_used_ratio, 0.2)
})

test('a core that goes offline is none at once, gone after a rescan, and starts anew when it is back', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  using sensor = new KernelStatSensor(root.path, new TextScanner())
  valuesOf(sensor, 0)
  let core0 = ''
  root.edit(STAT, (text) => text.replace(/^cpu0.*\n/m, (line) => ((core0 = line), '')))
  const values = valuesOf(sensor, 1000)
  assert.equal(values['cpu_idle_ratio{cpu="0"}'], null)
  assert.equal(values.context_switches_total, COUNTERS.context_switches_total)
  assert.equal(sensor.rescan(1000), true)
  assert.equal(sensor.rescan(1000), false)
  assert.equal(sensor.series.length, 7 + 6 + 5)
  root.edit(STAT, (text) => text.replace('cpu1', `${core0}cpu1`))
  valuesOf(sensor, 2000)
  assert.equal(sensor.rescan(2000), true)
  root.edit(STAT, (text) => text.replace('cpu0 6861', 'cpu0 6961'))
  assert.equal(valuesOf(sensor, 3000)['cpu_user_ratio{cpu="0"}'], null)
  root.edit(STAT, (text) => text.replace('cpu0 6961', 'cpu0 7061'))
  assert.equal(valuesOf(sensor, 4000)['cpu_user_ratio{cpu="0"}'], 1)
})

test('a file that appears later is found within ten seconds', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  const text = 'cpu  1 0 1 1 0 0 0 0 0 0\ncpu0 1 0 1 1 0 0 0 0 0 0\nctxt 7\n'
  root.remove(STAT)
  using sensor = new KernelStatSensor(root.path, new TextScanner())
  assert.deepEqual(valuesOf(sensor, 0), noneOf(sensor))
  root.write(STAT, text)
  assert.equal(valuesOf(sensor, 9999).context_switches_total, null)
  assert.equal(valuesOf(sensor, 10_000).context_switches_total, 7)
  assert.equal(sensor.rescan(10_000), true)
  assert.equal(sensor.series.length, 7 + 6 + 5)
})

test('garbage is none', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  using sensor = new KernelStatSensor(root.path, new TextScanner())
  for (const text of [
    '',
    '\n',
    'cpu',
    'cpu\ncpu0\ncpux 1 2\nintr',
    'cpu  a b c\ncpu0 1 2\nctxt x',
    '\0'.repeat(10_000),
  ]) {
    root.write(STAT, text)
    assert.deepEqual(valuesOf(sensor, 0), noneOf(sensor))
  }
})

test('a counter over 2^53 is none', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  root.edit(STAT, (text) => text.replace('ctxt 3334616', 'ctxt 9007199254740992'))
  using sensor = new KernelStatSensor(root.path, new TextScanner())
  assert.equal(valuesOf(sensor, 0).context_switches_total, null)
})

test('a file longer than the first buffer is read whole', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  root.edit(STAT, (text) => text.replace('intr 1087957', `intr 1087957${' 0'.repeat(40_000)}`))
  using sensor = new KernelStatSensor(root.path, new TextScanner())
  assert.equal(valuesOf(sensor, 0).context_switches_total, COUNTERS.context_switches_total)
})
