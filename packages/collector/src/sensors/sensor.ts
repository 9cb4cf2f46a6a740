import type { Series } from '@godwit/protocol'

/**
 * Reads one source of this machine, a file of /proc for instance. A source that is absent, broken or slow is a value
 * ("none"), never an error, and never holds up a tick.
 */
export interface Sensor extends Disposable {
  readonly name: string
  /** The series that this sensor gives at present, in the order of `read`. Changes in `rescan` alone. */
  readonly series: readonly Series[]
  /**
   * Puts one value a series into values[offset..], NaN for "none", in the units of the metric catalogue.
   * `monoMs` is the monotonic time of the tick. Called each second: it neither blocks nor throws.
   */
  read(values: Float64Array, offset: number, monoMs: number): void
  /** Looks for devices that came or went. True if `series` changed. Called every ten seconds or so; does not throw. */
  rescan(monoMs: number): boolean
}

/** Counters and sizes over this are no longer whole numbers in a double: they are "none". */
export const MAX_EXACT: number = Number.MAX_SAFE_INTEGER
