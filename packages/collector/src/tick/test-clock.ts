import type { Clock } from './clock.ts'

interface Timer {
  readonly dueMs: number
  readonly callback: () => void
}

/** For tests: a clock that moves when it is told to. */
export class TestClock implements Clock {
  /** Wall time less monotonic time. */
  offsetMs: number
  #nowMs: number
  #timers: Timer[] = []

  constructor(wallMs: number, monoMs = 5000) {
    this.#nowMs = monoMs
    this.offsetMs = wallMs - monoMs
  }

  wallMs(): number {
    return this.#nowMs + this.offsetMs
  }

  monoMs(): number {
    return this.#nowMs
  }

  setTimer(delayMs: number, callback: () => void): Disposable {
    const timer: Timer = { dueMs: this.#nowMs + delayMs, callback }
    this.#timers.push(timer)
    return {
      [Symbol.dispose]: () => {
        this.#timers = this.#timers.filter((other) => other !== timer)
      },
    }
  }

  get timerCount(): number {
    return this.#timers.length
  }

  /** Runs the timers of the next `durationMs` each at its time, or `lateMs()` after it (before it, if negative). */
  run(durationMs: number, lateMs: () => number = () => 0): void {
    const endMs = this.#nowMs + durationMs
    for (;;) {
      const timer = this.#timers.toSorted((a, b) => a.dueMs - b.dueMs)[0]
      if (timer === undefined || timer.dueMs > endMs) break
      this.#timers = this.#timers.filter((other) => other !== timer)
      this.#nowMs = Math.max(this.#nowMs, timer.dueMs + lateMs())
      timer.callback()
    }
    this.#nowMs = Math.max(this.#nowMs, endMs)
  }

  /** Time goes by and no timer runs, as when the process is stopped. */
  stall(durationMs: number): void {
    this.#nowMs += durationMs
  }
}
