/** The time, passed in so that tests drive it. Only main.ts makes the real one. */
export interface Clock {
  /** Unix ms. Data alone: it may step. */
  wallMs(): number
  /** ms since some fixed point; never steps. All timers and intervals go by it. */
  monoMs(): number
  /** Calls back once after `delayMs`; disposing the handle cancels it. Does not keep the process alive. */
  setTimer(delayMs: number, callback: () => void): Disposable
}
