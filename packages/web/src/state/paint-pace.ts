import type { Cancel, Clock } from '../clock.ts'

/**
 * Calls `paint` before the next repaint after a request, but not more often than each `intervalMs()`: a burst of ticks
 * is one painting, and a page in the background paints nothing.
 */
export class PaintPace {
  readonly #clock: Clock
  readonly #intervalMs: () => number
  readonly #paint: () => void
  #paintedMs = Number.NEGATIVE_INFINITY
  #cancel: Cancel | undefined

  constructor(clock: Clock, intervalMs: () => number, paint: () => void) {
    this.#clock = clock
    this.#intervalMs = intervalMs
    this.#paint = paint
  }

  request(): void {
    if (this.#cancel !== undefined) return
    const waitMs = this.#paintedMs + this.#intervalMs() - this.#clock.nowMs()
    if (waitMs <= 0) {
      this.#cancel = this.#clock.nextFrame(() => this.#run())
      return
    }
    this.#cancel = this.#clock.after(waitMs, () => {
      this.#cancel = this.#clock.nextFrame(() => this.#run())
    })
  }

  /** For what a person just did: without waiting for the pace. */
  now(): void {
    this.#cancel?.()
    this.#run()
  }

  dispose(): void {
    this.#cancel?.()
  }

  #run(): void {
    this.#cancel = undefined
    this.#paintedMs = this.#clock.nowMs()
    this.#paint()
  }
}
