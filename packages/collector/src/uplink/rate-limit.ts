/** At most `limit` of something within any `periodMs`. */
export class RateLimit {
  readonly #limit: number
  readonly #periodMs: number
  /** When the last ones came, the oldest first; at most `limit`. */
  readonly #takenMs: number[] = []

  constructor(limit: number, periodMs: number) {
    this.#limit = limit
    this.#periodMs = periodMs
  }

  /** False if it would be one too many, which then does not count. `nowMs` is monotonic. */
  take(nowMs: number): boolean {
    const [oldestMs] = this.#takenMs
    if (oldestMs !== undefined && this.#takenMs.length === this.#limit) {
      if (nowMs - oldestMs < this.#periodMs) return false
      this.#takenMs.shift()
    }
    this.#takenMs.push(nowMs)
    return true
  }
}
