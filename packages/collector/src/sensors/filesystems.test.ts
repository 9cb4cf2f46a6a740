import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FilesystemsSensor, type StatFs } from './filesystems.ts'
import { EditableRoot, fixtureRoot, noneOf, valuesOf } from './fixture-root.ts'

const STATS = { bsize: 4096, blocks: 1000, bfree: 250, files: 64, ffree: 60 }
const ROOT_VALUES = {
  'filesystem_size_bytes{mount="/"}': 4_096_000,
  'filesystem_used_bytes{mount="/"}': 3_072_000,
  'filesystem_inodes{mount="/"}': 64,
  'filesystem_inodes_used{mount="/"}': 4,
}
const INTERVAL_MS = 1000

/** Answers when told to. */
class Answers {
  readonly asked: string[] = []
  readonly waiting: Parameters<StatFs>[1][] = []
  readonly statfs: StatFs = (path, done) => {
    this.asked.push(path.toString())
    this.waiting.push(done)
  }
}

test('size and inodes are those of the answer, asked for every ten seconds', () => {
  const root = fixtureRoot('two-core-vm')
  const answers = new Answers()
  using sensor = new FilesystemsSensor(root, INTERVAL_MS, answers.statfs)
  assert.deepEqual(valuesOf(sensor, 0), noneOf(sensor))
  assert.deepEqual(answers.asked, [`${root}/`])
  answers.waiting.shift()?.(null, STATS)
  assert.deepEqual(valuesOf(sensor, 1000), ROOT_VALUES)
  valuesOf(sensor, 9999)
  assert.equal(answers.asked.length, 1)
  valuesOf(sensor, 10_000)
  assert.equal(answers.asked.length, 2)
})

test('a file system that does not answer is asked once, and none after thirty seconds', () => {
  const answers = new Answers()
  using sensor = new FilesystemsSensor(fixtureRoot('two-core-vm'), INTERVAL_MS, answers.statfs)
  valuesOf(sensor, 0)
  answers.waiting.shift()?.(null, STATS)
  for (let monoMs = 10_000; monoMs <= 30_000; monoMs += 1000) assert.deepEqual(valuesOf(sensor, monoMs), ROOT_VALUES)
  for (let monoMs = 31_000; monoMs <= 90_000; monoMs += 1000) assert.deepEqual(valuesOf(sensor, monoMs), noneOf(sensor))
  assert.equal(answers.asked.length, 2)
  answers.waiting.shift()?.(null, STATS)
  assert.deepEqual(valuesOf(sensor, 91_000), noneOf(sensor), 'an answer is as old as its question')
  answers.waiting.shift()?.(null, STATS)
  assert.deepEqual(valuesOf(sensor, 92_000), ROOT_VALUES)
})

test('file systems that hang never take more than two calls', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  root.write('proc/self/mounts', ['a', 'b', 'c', 'd'].map((name) => `/dev/${name} /${name} ext4 rw 0 0\n`).join(''))
  const answers = new Answers()
  using sensor = new FilesystemsSensor(root.path, INTERVAL_MS, answers.statfs)
  for (let monoMs = 0; monoMs < 60_000; monoMs += 1000) valuesOf(sensor, monoMs)
  assert.equal(answers.asked.length, 2)
  answers.waiting.shift()?.(new Error('EIO'), STATS)
  valuesOf(sensor, 60_000)
  assert.equal(answers.asked.length, 3)
})

test('a file system that counts no inodes has none', () => {
  const answers = new Answers()
  using sensor = new FilesystemsSensor(fixtureRoot('two-core-vm'), INTERVAL_MS, answers.statfs)
  valuesOf(sensor, 0)
  answers.waiting.shift()?.(null, { ...STATS, files: 0, ffree: 0 })
  assert.deepEqual(valuesOf(sensor, 1000), {
    ...ROOT_VALUES,
    'filesystem_inodes{mount="/"}': null,
    'filesystem_inodes_used{mount="/"}': null,
  })
})

test('mounts come and go with a rescan', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  const answers = new Answers()
  using sensor = new FilesystemsSensor(root.path, INTERVAL_MS, answers.statfs)
  valuesOf(sensor, 0)
  answers.waiting.shift()?.(null, STATS)
  root.edit('proc/self/mounts', (text) => `/dev/sda1 /media/usb\\040stick vfat rw 0 0\n${text}`)
  assert.equal(sensor.rescan(), true)
  assert.deepEqual(valuesOf(sensor, 1000), { ...noneOf(sensor), ...ROOT_VALUES })
  assert.equal(answers.asked.at(-1), `${root.path}/media/usb stick`)
  root.edit('proc/self/mounts', (text) => text.slice(text.indexOf('\n') + 1))
  assert.equal(sensor.rescan(), true)
  assert.deepEqual(valuesOf(sensor, 2000), ROOT_VALUES)
  root.remove('proc/self/mounts')
  assert.equal(sensor.rescan(), false)
})

test('a mount whose name is too long for a series is left out', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  root.edit('proc/self/mounts', (text) => `/dev/sda1 /${'x'.repeat(240)} ext4 rw 0 0\n${text}`)
  using sensor = new FilesystemsSensor(root.path, INTERVAL_MS, new Answers().statfs)
  assert.equal(sensor.series.length, 4)
})

test('the real statfs answers', async () => {
  using sensor = new FilesystemsSensor(fixtureRoot('two-core-vm'), INTERVAL_MS)
  let size: number | null | undefined = null
  for (let i = 0; size === null; i++) {
    size = valuesOf(sensor, i)['filesystem_size_bytes{mount="/"}']
    await new Promise(setImmediate)
  }
  assert.ok(size !== undefined && size > 0)
})

test('mounts whose paths are in no encoding stay apart, and are asked for by their very bytes', (context) => {
  const root = new EditableRoot(context, 'two-core-vm')
  const paths = ['/m\xff', '/m\\040\xfe', '/größe']
  const text = paths.map((path, index) => `/dev/sd${index} ${path} ext4 rw 0 0\n`)
  const bytes = [Buffer.from(`${text[0]}${text[1]}`, 'latin1'), Buffer.from(text[2] as string)]
  // The same text as the first one, in the other encoding.
  root.write('proc/self/mounts', Buffer.concat([...bytes, Buffer.from('/dev/sdx /m\xff ext4 rw 0 0\n')]))
  const asked: string[] = []
  using sensor = new FilesystemsSensor(root.path, INTERVAL_MS, (path, done) => {
    asked.push(path.subarray(root.path.length).toString('latin1'))
    done(null, STATS)
  })
  valuesOf(sensor, 0)
  assert.deepEqual(asked, ['/m\xff', '/m \xfe', Buffer.from('/größe').toString('latin1')])
  const mounts = sensor.series.map(({ name }) => /"(.*)"/.exec(name)?.[1])
  assert.deepEqual([...new Set(mounts)], ['/m\\u00ff', '/m \\u00fe', '/gr\\u00f6\\u00dfe'])
  assert.equal(mounts.length, 12)
})
