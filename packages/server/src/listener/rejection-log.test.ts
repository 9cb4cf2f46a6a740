import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestClock } from '../live/test-clock.ts'
import { RejectionLog } from './rejection-log.ts'

class Bench {
  readonly clock = new TestClock(0)
  readonly lines: string[] = []
  readonly log = new RejectionLog(this.clock, (level, area, message) => this.lines.push(`${level} ${area} ${message}`))

  reject(host: string, code = 'FRAME_MAGIC'): void {
    this.log.add({ level: 'warn', host, code, line: `closed ${host}:1: ${code}: no` })
  }

  wait(seconds: number): void {
    for (let i = 0; i < seconds; i += 5) {
      this.clock.advance(5000)
      this.log.sweep()
    }
  }

  told(): string[] {
    return this.lines.splice(0)
  }
}

test('of each address and code twenty a minute are told one by one, the others with their number', () => {
  const bench = new Bench()
  for (let i = 0; i < 100; i++) bench.reject('10.0.0.1')
  bench.reject('10.0.0.2')
  bench.reject('10.0.0.1', 'FRAME_CHECKSUM')
  const told = bench.told()
  assert.equal(told.length, 22)
  assert.deepEqual(told.slice(-3), [
    'warn wire closed 10.0.0.1:1: FRAME_MAGIC: no',
    'warn wire closed 10.0.0.2:1: FRAME_MAGIC: no',
    'warn wire closed 10.0.0.1:1: FRAME_CHECKSUM: no',
  ])
  bench.wait(55)
  assert.deepEqual(bench.told(), [])
  bench.wait(5)
  assert.deepEqual(bench.told(), ['warn wire closed 80 more of 10.0.0.1: FRAME_MAGIC'])
  bench.reject('10.0.0.1')
  assert.deepEqual(bench.told(), ['warn wire closed 10.0.0.1:1: FRAME_MAGIC: no'])
})

test('who was quiet for a minute is told at once again', () => {
  const bench = new Bench()
  bench.reject('10.0.0.1')
  bench.wait(60)
  bench.reject('10.0.0.1')
  assert.equal(bench.told().length, 2)
})

test('a flood from very many addresses is remembered within bounds and told as one number', () => {
  const bench = new Bench()
  for (let i = 0; i < 5000; i++) bench.reject(`10.0.${i >> 8}.${i & 255}`)
  assert.equal(bench.told().length, 1000)
  bench.wait(60)
  assert.deepEqual(bench.told(), ['warn wire closed 4000 more of other addresses: FRAME_MAGIC'])
})

test('closing tells what is left', () => {
  const bench = new Bench()
  for (let i = 0; i < 21; i++) bench.reject('10.0.0.1')
  bench.told()
  bench.log.close()
  assert.deepEqual(bench.told(), ['warn wire closed 1 more of 10.0.0.1: FRAME_MAGIC'])
})
