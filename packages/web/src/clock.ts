/** Stops what was scheduled; calling it again does nothing. */
export type Cancel = () => void

/** Time as the stages see it. main.ts makes the one that the browser gives; tests drive their own. */
export interface Clock {
  /** Unix time in ms. */
  nowMs(): number
  after(delayMs: number, run: () => void): Cancel
  every(intervalMs: number, run: () => void): Cancel
  /** Before the next repaint; never, while the page is hidden. */
  nextFrame(run: () => void): Cancel
}
