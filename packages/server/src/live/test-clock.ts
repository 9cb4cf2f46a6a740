import type { Clock } from '../clock.ts'

interface Timer {
  readonly dueMs: number
  readonly callback: () => void
}

/** A clock that tests move by hand. */
export class TestClock implements Clock {
  #elapsedMs = 0
  readonly #startWallMs: number
  readonly #timers = new Set<Timer>()

  constructor(startWallMs: number) {
    this.#startWallMs = startWallMs
  }

  wallMs(): number {
    return this.#startWallMs + this.#elapsedMs
  }

  monoMs(): number {
    return this.#elapsedMs
  }

  setTimer(delayMs: number, callback: () => void): Disposable {
    const timer: Timer = { dueMs: this.#elapsedMs + delayMs, callback }
    this.#timers.add(timer)
    return { [Symbol.dispose]: () => void this.#timers.delete(timer) }
  }

  /** Timers that are due fire in the order of their times. */
  advance(byMs: number): void {
    const untilMs = this.#elapsedMs + byMs
    for (let next = this.#nextDue(untilMs); next !== undefined; next = this.#nextDue(untilMs)) {
      this.#elapsedMs = next.dueMs
      this.#timers.delete(next)
      next.callback()
    }
    this.#elapsedMs = untilMs
  }

  get pendingTimers(): number {
    return this.#timers.size
  }

  #nextDue(untilMs: number): Timer | undefined {
    return [...this.#timers].filter((timer) => timer.dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs)[0]
  }
}
