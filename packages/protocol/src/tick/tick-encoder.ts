import { ByteWriter } from '../bytes/byte-writer.ts'
import { ProtocolError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import type { Schema } from '../metric/schema.ts'
import { BitWriter } from './bit-writer.ts'
import { seriesCodingOf } from './series-coding.ts'
import {
  COUNTER,
  DRIFT_FLAG,
  EXTENSION_BIT,
  FLOAT,
  INITIAL_WIDTH,
  isInterval,
  KEY_BIT,
  MAX_DIFFERENCE,
  MAX_TICKS_PER_KEY,
  MISSED_FLAG,
  PRESENCE_FLAG,
  type SeriesCoding,
} from './tick-format.ts'

export interface TickHead {
  /** Counts the ticks of the run from 0, without a hole. */
  readonly seq: number
  /** Unix time in whole ms. */
  readonly wallMs: number
  /** Time since some fixed point of this run, in whole ms, never stepping. */
  readonly monoMs: number
  /** How many ticks could not be taken directly before this one. */
  readonly missed: number
}

export interface EncodedTick {
  readonly isKey: boolean
  /** A view that the next `encode` overwrites. */
  readonly bytes: Uint8Array
}

/**
 * Encodes the ticks of one run and one schema, in order of seq. Format: tick-format.ts.
 * A change of schema takes a new encoder, whose first tick is a key tick.
 */
export class TickEncoder {
  readonly schema: Schema
  readonly #coding: SeriesCoding
  readonly #run: number
  readonly #intervalMs: number
  readonly #ticksPerKey: number
  readonly #head: ByteWriter = new ByteWriter(1024)
  readonly #codes: BitWriter = new BitWriter()
  readonly #changed: Uint8Array
  /** Integers of the tick before; a series that is none keeps its last one. */
  readonly #previous: Float64Array
  readonly #previousDelta: Float64Array
  readonly #width: Uint8Array
  readonly #next: Float64Array
  #present: Uint8Array
  #nextPresent: Uint8Array
  #keySeq = -1
  #lastSeq = -1
  #lastWallMs = 0
  #lastMonoMs = 0

  /** Throws TICK_MALFORMED for an interval that no decoder takes. */
  constructor(options: { schema: Schema; run: number; intervalMs: number; ticksPerKey?: number }) {
    const { intervalMs } = options
    if (!isInterval(intervalMs)) throw new ProtocolError('TICK_MALFORMED', { intervalMs })
    this.schema = options.schema
    this.#coding = seriesCodingOf(options.schema.series)
    this.#run = options.run
    this.#intervalMs = intervalMs
    this.#ticksPerKey = Math.min(options.ticksPerKey ?? LIMITS.ticksPerKey, MAX_TICKS_PER_KEY)
    const count = this.#coding.seriesCount
    this.#previous = new Float64Array(count)
    this.#previousDelta = new Float64Array(count)
    this.#next = new Float64Array(count)
    this.#width = new Uint8Array(count)
    this.#present = new Uint8Array(count)
    this.#nextPresent = new Uint8Array(count)
    this.#changed = new Uint8Array((count + 7) >>> 3)
  }

  /**
   * Encodes one tick. `values` has one entry a series of the schema, NaN for none; a value whose integer is over 2^53 -
   * 1 becomes none. Keeps no reference to `values`. Throws TICK_MALFORMED, with nothing changed, for a number of values
   * that is not the schema's, and for a head that is not whole or out of range.
   */
  encode(head: TickHead, values: Float64Array): EncodedTick {
    if (values.length !== this.#coding.seriesCount) {
      throw new ProtocolError('TICK_MALFORMED', { values: values.length, series: this.#coding.seriesCount })
    }
    checkHead(head)
    const samePresence = this.#quantize(values)
    const index = head.seq - this.#keySeq
    const keyDue = this.#keySeq < 0 || index >= this.#ticksPerKey || head.seq !== this.#lastSeq + 1
    const isKey = keyDue || !this.#encodeDelta(head, index, samePresence)
    if (isKey) this.#encodeKey(head)
    this.#lastSeq = head.seq
    this.#lastWallMs = head.wallMs
    this.#lastMonoMs = head.monoMs
    const spare = this.#present
    this.#present = this.#nextPresent
    this.#nextPresent = spare
    return { isKey, bytes: this.#head.written() }
  }

  /** Turns values into integers of their resolution. True if the same series are present as in the tick before. */
  #quantize(values: Float64Array): boolean {
    const { seriesCount, perUnit, resolution, kind } = this.#coding
    const next = this.#next
    const present = this.#present
    const nextPresent = this.#nextPresent
    let same = true
    for (let i = 0; i < seriesCount; i++) {
      const value = values[i] as number
      let integer = Math.round((value * (perUnit[i] as number)) / (resolution[i] as number))
      // Adding 0 makes -0 into 0, so that equal values have equal bytes.
      if (kind[i] === FLOAT) integer = value + 0
      const isPresent = kind[i] === FLOAT ? !Number.isNaN(value) : Number.isSafeInteger(integer)
      nextPresent[i] = isPresent ? 1 : 0
      if (nextPresent[i] !== present[i]) same = false
      next[i] = isPresent ? integer : (this.#previous[i] as number)
    }
    return same
  }

  #encodeKey(head: TickHead): void {
    const { seriesCount, kind } = this.#coding
    const out = this.#head
    const allPresent = !this.#nextPresent.includes(0)
    out.clear()
    out.u8(KEY_BIT | (allPresent ? 0 : PRESENCE_FLAG) | (head.missed > 0 ? MISSED_FLAG : 0))
    out.append(Uint8Array.fromHex(this.schema.id))
    out.u48(this.#run)
    out.varint(head.seq)
    out.varint(head.wallMs)
    out.varint(head.monoMs)
    out.varint(this.#intervalMs)
    if (head.missed > 0) out.varint(head.missed)
    if (!allPresent) this.#writePresence()
    for (let i = 0; i < seriesCount; i++) {
      const integer = this.#nextPresent[i] === 1 ? (this.#next[i] as number) : 0
      this.#previous[i] = integer
      if (this.#nextPresent[i] === 0) continue
      if (kind[i] === FLOAT) out.f64(integer)
      else out.signed(integer)
    }
    this.#previousDelta.fill(0)
    this.#width.fill(INITIAL_WIDTH)
    this.#keySeq = head.seq
  }

  /** False, with nothing changed, if a difference is too large to be coded. */
  #encodeDelta(head: TickHead, index: number, samePresence: boolean): boolean {
    if (!this.#writeCodes()) return false
    const out = this.#head
    const wallStepMs = head.wallMs - this.#lastWallMs
    const driftMs = head.monoMs - this.#lastMonoMs - wallStepMs
    const flags =
      (samePresence ? 0 : PRESENCE_FLAG) | (head.missed > 0 ? MISSED_FLAG : 0) | (driftMs !== 0 ? DRIFT_FLAG : 0)
    out.clear()
    out.u8(index | (flags === 0 ? 0 : EXTENSION_BIT))
    if (flags !== 0) out.u8(flags)
    out.signed(wallStepMs - this.#intervalMs)
    if (driftMs !== 0) out.signed(driftMs)
    if (head.missed > 0) out.varint(head.missed)
    if (!samePresence) this.#writePresence()
    out.append(this.#changed)
    out.append(this.#codes.finish())
    this.#commitDifferences()
    return true
  }

  // Fast path: once a series a tick. bench codec paid for working on integers of 31 bits apart from larger ones.
  #writeCodes(): boolean {
    const { seriesCount, kind } = this.#coding
    const changed = this.#changed
    const codes = this.#codes
    const width = this.#width
    changed.fill(0)
    codes.clear()
    if (!this.#differencesFit()) return false
    for (let i = 0; i < seriesCount; i++) {
      const integer = this.#next[i] as number
      const previous = this.#previous[i] as number
      if (this.#nextPresent[i] === 0) continue
      if (kind[i] === FLOAT) {
        if (integer === previous) continue
        changed[i >>> 3] = (changed[i >>> 3] as number) | (0x80 >>> (i & 7))
        codes.f64(integer)
        continue
      }
      const delta = integer - previous
      const e = kind[i] === COUNTER ? delta - (this.#previousDelta[i] as number) : delta
      if (e === 0) continue
      changed[i >>> 3] = (changed[i >>> 3] as number) | (0x80 >>> (i & 7))
      width[i] = codes.expGolomb(e > 0 ? 2 * e - 1 : -2 * e - 2, width[i] as number)
    }
    return true
  }

  /** False where the code of a series would be too long, or a counter's prediction is not exact. */
  #differencesFit(): boolean {
    const { seriesCount, kind } = this.#coding
    for (let i = 0; i < seriesCount; i++) {
      if (kind[i] === FLOAT) continue
      const previous = this.#previous[i] as number
      const delta = (this.#next[i] as number) - previous
      if (delta > MAX_DIFFERENCE || delta < -MAX_DIFFERENCE) return false
      // The decoder of a counter goes by way of this sum, which must be exact. Nobody adds up the differences of a gauge.
      if (kind[i] !== COUNTER) continue
      const predicted = previous + (this.#previousDelta[i] as number)
      if (predicted > Number.MAX_SAFE_INTEGER || predicted < -Number.MAX_SAFE_INTEGER) return false
    }
    return true
  }

  #commitDifferences(): void {
    const { seriesCount } = this.#coding
    const next = this.#next
    const previous = this.#previous
    for (let i = 0; i < seriesCount; i++) {
      if (this.#nextPresent[i] === 0) continue
      this.#previousDelta[i] = (next[i] as number) - (previous[i] as number)
      previous[i] = next[i] as number
    }
  }

  #writePresence(): void {
    const bits = new Uint8Array(this.#changed.length)
    for (let i = 0; i < this.#nextPresent.length; i++) {
      if (this.#nextPresent[i] === 1) bits[i >>> 3] = (bits[i >>> 3] as number) | (0x80 >>> (i & 7))
    }
    this.#head.append(bits)
  }
}

/** Caught here, because a fraction of a ms would be written as bytes that no decoder reads. */
function checkHead(head: TickHead): void {
  const { seq, wallMs, monoMs, missed } = head
  const valid =
    isWhole(seq, LIMITS.seq - 1) &&
    isWhole(wallMs, LIMITS.wallMs) &&
    isWhole(monoMs, Number.MAX_SAFE_INTEGER) &&
    isWhole(missed, Number.MAX_SAFE_INTEGER)
  if (!valid) throw new ProtocolError('TICK_MALFORMED', { seq, wallMs, monoMs, missed })
}

function isWhole(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max
}
