/**
 * lost: never came, or not yet, or of no use without what did not come. damaged: stored, and cannot be decoded.
 * collector stopped: between two runs. collector paused: within a run, as counted by the collector itself.
 */
export type GapCause = 'lost' | 'damaged' | 'collector stopped' | 'collector paused'

/** A time without ticks. */
export interface Gap {
  /** 12 hex digits; of 'collector stopped' the run that ended. */
  readonly run: string
  /** The ticks lo..hi, both included; null where none were taken. */
  readonly lo: number | null
  readonly hi: number | null
  /**
   * Wall time of the last tick before it and of the first one after it, unix ms; the nearest known where one is
   * missing.
   */
  readonly fromMs: number
  readonly toMs: number
  readonly cause: GapCause
}
