import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '../clock.ts'
import { PaintPace } from './paint-pace.ts'

/** A clock that stands still until it is moved; frames come at once when asked for. */
class HandClock implements Clock {
  #nowMs = 0
  #due: { atMs: number; run: () => void }[] = []

  nowMs(): number {
    return this.#nowMs
  }

  after(delayMs: number, run: () => void): () => void {
    const one = { atMs: this.#nowMs + delayMs, run }
    this.#due.push(one)
    return () => {
      this.#due = this.#due.filter((other) => other !== one)
    }
  }

  every(): () => void {
    return () => {}
  }

  nextFrame(run: () => void): () => void {
    return this.after(0, run)
  }

  moveTo(nowMs: number): void {
    this.#nowMs = nowMs
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      this.#due = this.#due.filter((other) => other !== next)
      next.run()
    }
  }

  #next(): { atMs: number; run: () => void } | undefined {
    return this.#due.find(({ atMs }) => atMs <= this.#nowMs)
  }
}

function paced(): { clock: HandClock; pace: PaintPace; paintedMs: number[] } {
  const clock = new HandClock()
  const paintedMs: number[] = []
  const pace = new PaintPace(
    clock,
    () => 1000,
    () => paintedMs.push(clock.nowMs()),
  )
  return { clock, pace, paintedMs }
}

test('a burst of requests is one painting, and the next waits for the interval', () => {
  const { clock, pace, paintedMs } = paced()
  for (let i = 0; i < 5; i++) pace.request()
  clock.moveTo(10)
  for (let i = 0; i < 5; i++) pace.request()
  clock.moveTo(500)
  assert.deepEqual(paintedMs, [10])
  clock.moveTo(1010)
  assert.deepEqual(paintedMs, [10, 1010])
})

test('what a person did is painted at once, in place of what was waiting', () => {
  const { clock, pace, paintedMs } = paced()
  pace.request()
  clock.moveTo(0)
  pace.request()
  clock.moveTo(300)
  pace.now()
  clock.moveTo(1200)
  assert.deepEqual(paintedMs, [0, 300])
})

test('nothing is painted after disposal', () => {
  const { clock, pace, paintedMs } = paced()
  pace.request()
  pace.dispose()
  clock.moveTo(5000)
  assert.deepEqual(paintedMs, [])
})
