import type { Clock } from './clock.ts'

/** The clock of this machine. Only main.ts uses it; all others are handed a Clock. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monoMs: () => performance.now(),
  setTimer: (delayMs, callback) => {
    const timer = setTimeout(callback, Math.max(0, delayMs))
    timer.unref()
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}
