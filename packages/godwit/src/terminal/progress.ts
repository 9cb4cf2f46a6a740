import type { Writable } from 'node:stream'
import type { Clock } from '../clock.ts'

const REDRAW_MS = 200

/** One line on a terminal that is written over and over; nothing at all where there is none. */
export class Progress {
  readonly #out: Writable
  readonly #clock: Clock
  readonly #isShown: boolean
  #lastMs = Number.NEGATIVE_INFINITY
  #isDrawn = false

  constructor(out: Writable & { readonly isTTY?: boolean }, clock: Clock, isShown: boolean = out.isTTY === true) {
    this.#out = out
    this.#clock = clock
    this.#isShown = isShown
  }

  /** Draws what `text` gives, unless it did so a moment ago. */
  draw(text: () => string): void {
    const nowMs = this.#clock.monoMs()
    if (!this.#isShown || nowMs - this.#lastMs < REDRAW_MS) return
    this.#lastMs = nowMs
    this.#isDrawn = true
    this.#out.write(`\r\u001b[K${text()}`)
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#isDrawn) this.#out.write('\r\u001b[K')
    this.#isDrawn = false
  }
}
