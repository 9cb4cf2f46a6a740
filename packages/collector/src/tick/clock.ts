/** The one way to the time. Both times are whole milliseconds. */
export interface Clock {
  /** Unix time. Steps when somebody sets the clock. */
  wallMs(): number
  /** Time since an arbitrary moment. Never steps and never goes back. */
  monoMs(): number
  /** Calls back once, in `delayMs` or a little earlier or later. Disposing of it is how not to be called. */
  setTimer(delayMs: number, callback: () => void): Disposable
}
