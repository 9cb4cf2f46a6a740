import type { Clock } from './clock.ts'

/**
 * The two clocks tick their milliseconds over at different moments, so their difference, taken in whole milliseconds, is
 * now one number and now the next. Were that to show, a tick would seem to drift against the monotonic clock, and the
 * drift costs a byte on the wire. So the wall time is the monotonic time and an offset, and the offset stays while it is
 * right to the millisecond.
 */
const OFFSET_TOLERANCE_MS = 2

/** The clock of this machine. */
export class SystemClock implements Clock {
  #offsetMs = Number.NaN

  wallMs(): number {
    const monoMs = this.monoMs()
    const offsetMs = Date.now() - monoMs
    const right = Math.abs(offsetMs - this.#offsetMs) < OFFSET_TOLERANCE_MS
    if (!right) this.#offsetMs = offsetMs
    return monoMs + this.#offsetMs
  }

  monoMs(): number {
    return Math.floor(performance.now())
  }

  setTimer(delayMs: number, callback: () => void): Disposable {
    const timer = setTimeout(callback, Math.max(0, delayMs))
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  }
}

/** Only a main.ts uses this; all others are handed a Clock. */
export const systemClock: Clock = new SystemClock()
