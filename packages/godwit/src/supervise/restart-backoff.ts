const FIRST_DELAY_MS = 500
const MAX_DELAY_MS = 30_000
/** A process that ran so long had no trouble starting: what ended it is a new story. */
const HEALTHY_AFTER_MS = 60_000

/** How long to wait before a process is started again. */
export class RestartBackoff {
  #failures = 0

  /** `ranForMs`: how long it ran before it ended. */
  nextDelayMs(ranForMs: number): number {
    if (ranForMs >= HEALTHY_AFTER_MS) this.#failures = 0
    const delayMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#failures)
    this.#failures++
    return delayMs
  }
}
