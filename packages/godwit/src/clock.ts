/** The time, passed in so that tests drive it. Only main.ts makes the real one. */
export interface Clock {
  /** Unix ms. */
  wallMs(): number
  /** ms since some fixed point; never steps. */
  monoMs(): number
  /** Calls back once after `delayMs`; disposing of the handle cancels it. Does not keep the process alive. */
  setTimer(delayMs: number, callback: () => void): Disposable
}

/** Resolves after `delayMs`, or at once when `signal` aborts. */
export function delay(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve()
      return
    }
    const end = (): void => {
      timer[Symbol.dispose]()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = clock.setTimer(delayMs, end)
    signal.addEventListener('abort', end)
  })
}
