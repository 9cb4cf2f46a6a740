import { LIMITS } from '../limits.ts'

/**
 * The bytes of a tick (docs/wire-format.md draws them for readers of other languages).
 *
 *   key tick, stands alone:
 *   | 1000 00MN | schema id : 8 | run : u48 | seq | wallMs | monoMs | intervalMs | M: missed | N: presence | values |
 *
 *   delta tick, the difference to the tick before it:
 *   | 0XII IIII | X: 0000 0CMN | jitter | C: drift | M: missed | N: presence | changed | codes |
 *
 *   I         ticks since the key tick, 1..63; with the key tick's seq this is the delta tick's own seq
 *   X         a second byte of flags follows
 *   M missed  how many ticks could not be taken directly before this one
 *   N presence  one bit a series, 1 where it has a value; without N that of the tick before, in a key tick all ones
 *   jitter    wallMs less the wallMs before less intervalMs, signed
 *   C drift   how much more the monotonic clock moved than the wall clock, signed
 *   values    of each present series: its integer, signed; a float: 8 bytes, big endian
 *   changed   one bit a series, 1 where a code follows
 *   codes     a bit stream
 *
 * Numbers are varints (LEB128) or, where it is said, signed (sign in the lowest bit, magnitude above it, LEB128). Bits
 * fill bytes from the top; the last byte is padded with zeros. Flags that have no letter here are 0.
 *
 * A code is adaptive Exp-Golomb of e, the difference (of a gauge) or the difference's difference (of a counter), never
 * 0: u is 2e - 1 where e > 0, else -2e - 2. With k bits expected, the code is z zeros, the z + 1 bits of (u >> k) + 1,
 * and the low k bits of u. After it the expectation follows the length n of u in bits: a += n - (a >> 2), k = a >> 2,
 * from a = 28 at each key tick. A float's code is its 64 bits.
 *
 * A series that is none keeps its integer, difference and expectation, and goes on from them when it has a value again;
 * one that is none in the key tick goes on from 0. A counter's difference is 0 at the key tick.
 */
export const KEY_BIT = 0x80
export const EXTENSION_BIT = 0x40
export const INDEX_MASK = 0x3f
/** A key tick and all that the index can count from it: readers look no further back. */
export const MAX_TICKS_PER_KEY: number = INDEX_MASK + 1
export const KEY_FLAGS_MASK = 0x83
export const DELTA_FLAGS_MASK = 0x07
export const PRESENCE_FLAG = 1
export const MISSED_FLAG = 2
export const DRIFT_FLAG = 4

/** The expectation `a` at a key tick: 7 bits, four times. */
export const INITIAL_WIDTH = 28

/**
 * A difference over this is not coded: the encoder makes a key tick. Keeps u within 2^53. It makes one too where a
 * counter's integer and difference together pass ±(2^53 - 1).
 */
export const MAX_DIFFERENCE: number = 2 ** 50

/** Whole ms, at least 1: readers divide by it. */
export function isInterval(intervalMs: number): boolean {
  return Number.isInteger(intervalMs) && intervalMs >= 1 && intervalMs <= LIMITS.periodMs
}

/** What the kinds of series look like to the codec, one entry a series. */
export interface SeriesCoding {
  readonly seriesCount: number
  /** integer = round(value * perUnit / resolution); one of the two is 1. */
  readonly perUnit: Float64Array
  readonly resolution: Float64Array
  /** 0 gauge, 1 counter, 2 float. */
  readonly kind: Uint8Array
  /** Places of the counters. */
  readonly counters: Int32Array
  readonly hasFloats: boolean
}

export const GAUGE = 0
export const COUNTER = 1
export const FLOAT = 2
