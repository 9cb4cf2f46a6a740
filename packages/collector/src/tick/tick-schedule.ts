/** The phase is put right by this much of the interval a tick. */
const SLEW_RATIO = 0.01
/** A tick this little after its second stays where it is: both clocks are read in whole milliseconds. */
const PHASE_TOLERANCE_MS = 2

/**
 * When ticks are due, on the monotonic clock: each full interval of the wall clock, as it stood at the start. From one due
 * time to the next it is exactly one interval, so nothing adds up. When the wall clock was set, the due times move to its
 * full intervals by one hundredth of an interval a tick, so that there is neither a burst nor a hole.
 */
export class TickSchedule {
  /** The monotonic time of the next tick. */
  dueMs: number = Number.NaN
  readonly #intervalMs: number
  readonly #slewMs: number
  #missed = 0

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs
    this.#slewMs = Math.max(1, Math.floor(intervalMs * SLEW_RATIO))
  }

  start(wallMs: number, monoMs: number): void {
    this.dueMs = monoMs + this.#intervalMs - modulo(wallMs, this.#intervalMs)
  }

  /**
   * Takes the tick that is due. Returns how many were missed before it, or 'wait' if none may be taken before `dueMs`:
   * because it is too early, or because half an interval or more has gone by since the tick was due. Then that tick is
   * missed, and all others that fell due, and the next comes when it is due.
   */
  take(wallMs: number, monoMs: number): number | 'wait' {
    const lateMs = monoMs - this.dueMs
    if (lateMs < 0) return 'wait'
    if (lateMs >= this.#intervalMs / 2) {
      const missedNow = Math.floor(lateMs / this.#intervalMs) + 1
      this.#missed += missedNow
      this.dueMs += missedNow * this.#intervalMs
      return 'wait'
    }
    const missed = this.#missed
    this.#missed = 0
    this.dueMs += this.#intervalMs + this.#correctionMs(wallMs, monoMs)
    return missed
  }

  /** How far the next due time is to move towards a full interval of the wall clock. */
  #correctionMs(wallMs: number, monoMs: number): number {
    const phaseMs = modulo(this.dueMs + wallMs - monoMs, this.#intervalMs)
    const offMs = phaseMs > this.#intervalMs / 2 ? phaseMs - this.#intervalMs : phaseMs
    if (offMs >= 0 && offMs < PHASE_TOLERANCE_MS) return 0
    return -Math.sign(offMs) * Math.min(Math.abs(offMs), this.#slewMs)
  }
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor
}
