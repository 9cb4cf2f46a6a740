import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Series, seriesOf } from '@godwit/protocol'
import type { Sensor } from '../sensors/sensor.ts'
import { type Sample, Sampler } from './sampler.ts'
import { TestClock } from './test-clock.ts'

const START_MS = 1_800_000_000_250

/** Gives the number of its reads. */
class CountingSensor implements Sensor {
  readonly name: string
  series: readonly Series[]
  reads = 0
  rescansAtMs: number[] = []
  seriesAtRescan: readonly Series[] | undefined
  disposed = false

  constructor(name: string, metrics: readonly string[] = ['uptime_seconds']) {
    this.name = name
    this.series = metrics.map((metric) => seriesOf(metric))
  }

  read(values: Float64Array, offset: number): void {
    this.reads++
    values.fill(this.reads, offset, offset + this.series.length)
  }

  rescan(monoMs: number): boolean {
    this.rescansAtMs.push(monoMs)
    if (this.seriesAtRescan === undefined) return false
    this.series = this.seriesAtRescan
    this.seriesAtRescan = undefined
    return true
  }

  [Symbol.dispose](): void {
    this.disposed = true
  }
}

interface Taken extends Omit<Sample, 'values'> {
  readonly values: readonly number[]
}

function startSampler(sensors: readonly Sensor[] = [new CountingSensor('one')], intervalMs?: number) {
  const clock = new TestClock(START_MS)
  const owner = new AbortController()
  const taken: Taken[] = []
  const errors: string[] = []
  const sampler = new Sampler({
    sensors,
    clock,
    ...(intervalMs === undefined ? {} : { intervalMs }),
    signal: owner.signal,
    onSample: (sample) => taken.push({ ...sample, values: [...sample.values] }),
    onSensorError: (sensor) => errors.push(sensor),
  })
  sampler.start()
  return { clock, owner, taken, errors, sampler }
}

test('the first tick comes with the next full second', () => {
  const { clock, taken } = startSampler()
  clock.run(749)
  assert.equal(taken.length, 0)
  clock.run(1)
  assert.deepEqual(taken, [{ values: [1], seriesChanged: true, wallMs: START_MS + 750, monoMs: 5750, missed: 0 }])
})

test('ten thousand ticks with timers that are late do not drift', () => {
  const { clock, taken } = startSampler()
  let seed = 1
  const lateMs = (): number => {
    seed = (seed * 48271) % 2147483647
    return seed % 40
  }
  clock.run(750 + 10_000 * 1000, lateMs)
  assert.ok(taken.length >= 10_000)
  taken.forEach((sample, index) => {
    const secondMs = START_MS + 750 + index * 1000
    assert.ok(sample.wallMs >= secondMs && sample.wallMs < secondMs + 40, `tick ${index} at ${sample.wallMs}`)
    assert.equal(sample.missed, 0)
  })
})

test('a timer that comes early does not tick before its second', () => {
  const { clock, taken } = startSampler()
  let early = true
  clock.run(20_000, () => {
    early = !early
    return early ? 0 : -1
  })
  assert.equal(taken.length, 20)
  for (const sample of taken) assert.equal(sample.wallMs % 1000, 0)
})

test('after a stall of five seconds there is one tick at the next second, and five are missed', () => {
  const { clock, taken } = startSampler()
  clock.run(950)
  assert.equal(taken.length, 1)
  clock.stall(5000)
  clock.run(0)
  assert.equal(taken.length, 1, 'no tick between two seconds')
  clock.run(3000)
  assert.deepEqual(
    taken.map(({ wallMs, missed }) => [wallMs - START_MS, missed]),
    [
      [750, 0],
      [6750, 5],
      [7750, 0],
      [8750, 0],
    ],
  )
})

test('a second stall before the tick adds to what is missed', () => {
  const { clock, taken } = startSampler()
  clock.run(750)
  clock.stall(2500)
  clock.run(0)
  clock.stall(2500)
  clock.run(1000)
  assert.deepEqual(
    taken.map(({ wallMs, missed }) => [wallMs - START_MS, missed]),
    [
      [750, 0],
      [6750, 5],
    ],
  )
})

test('a tick that is late by less than half an interval is taken, and the next is on its second', () => {
  const { clock, taken } = startSampler()
  clock.run(750)
  clock.stall(1400)
  clock.run(600)
  assert.deepEqual(
    taken.map(({ wallMs, missed }) => [wallMs - START_MS, missed]),
    [
      [750, 0],
      [2150, 0],
      [2750, 0],
    ],
  )
})

for (const stepMs of [300, -300, 7_200_400, -7_200_400, 500, 2, -1]) {
  test(`when the clock is set by ${stepMs} ms the ticks move to its seconds without burst or hole`, () => {
    const { clock, taken } = startSampler()
    clock.run(10_000)
    clock.offsetMs += stepMs
    const before = taken.length
    clock.run(100_000)
    const after = taken.slice(before)
    assert.ok(after.length >= 99 && after.length <= 101)
    for (let i = 1; i < after.length; i++) {
      const stepOfTickMs = (after[i] as Taken).monoMs - (after[i - 1] as Taken).monoMs
      assert.ok(stepOfTickMs >= 990 && stepOfTickMs <= 1010, `${stepOfTickMs} ms`)
    }
    assert.ok(after.every((sample) => sample.missed === 0))
    const late = (after.at(-1) as Taken).wallMs % 1000
    assert.ok(late < 2, `${late} ms after the second`)
  })
}

test('other intervals tick on their own multiples', () => {
  const { clock, taken } = startSampler([new CountingSensor('one')], 10_000)
  clock.run(40_000)
  assert.equal(taken.length, 4)
  for (const sample of taken) assert.equal(sample.wallMs % 10_000, 0)
})

test('sensors write side by side, and each is rescanned every ten seconds in a tick of its own', () => {
  const sensors = [
    new CountingSensor('a'),
    new CountingSensor('b', ['load1', 'load5']),
    new CountingSensor('c', ['load15']),
  ]
  const { clock, taken, sampler } = startSampler(sensors)
  clock.run(25_000)
  assert.deepEqual(taken.at(-1)?.values, [25, 25, 25, 25])
  assert.deepEqual(
    sampler.series.map(({ name }) => name),
    ['uptime_seconds', 'load1', 'load5', 'load15'],
  )
  assert.deepEqual(
    sensors.map((sensor) => sensor.rescansAtMs),
    [
      [5750, 15_750, 25_750],
      [6750, 16_750, 26_750],
      [7750, 17_750, 27_750],
    ],
  )
})

test('series that change are announced with the first sample that has them', () => {
  const sensors = [new CountingSensor('a'), new CountingSensor('b', ['load1'])]
  const { clock, taken, sampler } = startSampler(sensors)
  clock.run(2000)
  ;(sensors[0] as CountingSensor).seriesAtRescan = [seriesOf('load5'), seriesOf('load15')]
  clock.run(10_000)
  assert.deepEqual(
    taken.map(({ values, seriesChanged }) => [values.length, seriesChanged]),
    [[2, true], ...Array(10).fill([2, false]), [3, true]],
  )
  assert.equal(sampler.series.length, 3)
})

test('a sensor that throws is none and does not stop the others', () => {
  const bad = new CountingSensor('bad')
  bad.read = (values, offset) => {
    values[offset] = 5
    throw new Error('bug')
  }
  const { clock, taken, errors } = startSampler([bad, new CountingSensor('good', ['load1'])])
  clock.run(750)
  assert.deepEqual(taken[0]?.values, [Number.NaN, 1])
  assert.deepEqual(errors, ['bad'])
})

test('aborting stops the ticks, disposes of the sensors and leaves no timer', () => {
  const sensor = new CountingSensor('one')
  const { clock, owner, taken } = startSampler([sensor])
  clock.run(1750)
  owner.abort()
  assert.equal(sensor.disposed, true)
  assert.equal(clock.timerCount, 0)
  clock.run(5000)
  assert.equal(taken.length, 2)
})

test('aborting within a tick leaves no timer', () => {
  const clock = new TestClock(START_MS)
  const owner = new AbortController()
  const sensor = new CountingSensor('one')
  new Sampler({ sensors: [sensor], clock, signal: owner.signal, onSample: () => owner.abort() }).start()
  clock.run(5000)
  assert.equal(sensor.reads, 1)
  assert.equal(sensor.disposed, true)
  assert.equal(clock.timerCount, 0)
})

test('a sampler that is started after the abort disposes of its sensors', () => {
  const sensor = new CountingSensor('one')
  const options = { clock: new TestClock(START_MS), signal: AbortSignal.abort(), onSample: () => assert.fail() }
  new Sampler({ sensors: [sensor], ...options }).start()
  assert.equal(sensor.disposed, true)
  assert.equal(options.clock.timerCount, 0)
})

test('a series that comes twice counts once, the sensor is told of once, and the others keep their places', () => {
  const sensors = [
    new CountingSensor('a', ['load1', 'load5']),
    new CountingSensor('b', ['load5', 'uptime_seconds', 'load1']),
    new CountingSensor('c', ['load15']),
  ]
  const [a, b, c] = sensors as [CountingSensor, CountingSensor, CountingSensor]
  a.read = (values, offset) => values.set([1, 2], offset)
  b.read = (values, offset) => values.set([3, 4, 5], offset)
  c.read = (values, offset) => values.set([6], offset)
  const { clock, taken, errors, sampler } = startSampler(sensors)
  c.seriesAtRescan = [seriesOf('load15'), seriesOf('processes')]
  clock.run(5000)
  const names = ['load1', 'load5', 'uptime_seconds', 'load15']
  assert.deepEqual(
    sampler.series.map(({ name }) => name),
    [...names, 'processes'],
  )
  assert.deepEqual(taken[0]?.values, [1, 2, 4, 6])
  assert.deepEqual(taken.at(-1)?.values.slice(0, 4), [1, 2, 4, 6])
  assert.deepEqual(errors, ['b'])
})
