/**
 * lost: never came, or not yet, or of no use without what did not come. damaged: stored, and cannot be decoded.
 * collector stopped: between two runs.
 * Within a run nothing else is missing from, ticks are apart:
 * collector paused: it took none, as it counted itself or as its monotonic clock, which went on, tells.
 * machine suspended or clock set: the wall clock went on without the monotonic one, which is all that either leaves.
 * collector silent: of version 1, whose ticks have neither numbers nor a monotonic clock to tell more.
 */
export type GapCause =
  | 'lost'
  | 'damaged'
  | 'collector stopped'
  | 'collector paused'
  | 'machine suspended or clock set'
  | 'collector silent'

/** A time without ticks. */
export interface Gap {
  /** 12 hex digits; of 'collector stopped' the run that ended. */
  readonly run: string
  /** The ticks lo..hi, both included; null where none were taken, or nobody knows. */
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
