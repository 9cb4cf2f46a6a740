import { ByteReader } from '../bytes/byte-reader.ts'
import { ProtocolError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import type { SchemaId } from '../metric/schema.ts'
import type { Series } from '../metric/series.ts'
import { BitReader } from './bit-reader.ts'
import { seriesCodingOf } from './series-coding.ts'
import {
  DELTA_FLAGS_MASK,
  DRIFT_FLAG,
  EXTENSION_BIT,
  FLOAT,
  INDEX_MASK,
  INITIAL_WIDTH,
  isInterval,
  KEY_BIT,
  KEY_FLAGS_MASK,
  MISSED_FLAG,
  PRESENCE_FLAG,
  type SeriesCoding,
} from './tick-format.ts'

export interface DecodableSchema {
  readonly id: SchemaId
  readonly series: readonly Series[]
}

/** From here, 63 ticks of differences of 32 bits, and counters that add them up, stay far below 2^53. */
const SMALL_INTEGER = 2 ** 46

/**
 * Decodes the ticks of one run in order of seq. After `decode` returned true the fields hold that tick; after it threw
 * they hold nothing of use. The arrays are the decoder's own and change with the next tick. Format: tick-format.ts.
 */
export class TickDecoder {
  /** The schema of the values; undefined until the first key tick. */
  schema: DecodableSchema | undefined
  run = 0
  seq = -1
  wallMs = 0
  monoMs = 0
  intervalMs = 0
  missed = 0
  isKey = false
  /** One value a series of `schema`, in its unit; NaN for none. */
  values: Float64Array = new Float64Array(0)

  readonly #schemaOf: (id: SchemaId) => DecodableSchema | undefined
  readonly #bits = new BitReader()
  #coding: SeriesCoding = seriesCodingOf([])
  #integers = new Float64Array(0)
  #deltas = new Float64Array(0)
  #width = new Uint8Array(0)
  #present = new Uint8Array(0)
  #keySeq = -1
  /** False while no integer can have left ±(2^53 - 1) since the key tick. */
  #mayOverflow = false

  constructor(schemaOf: (id: SchemaId) => DecodableSchema | undefined) {
    this.#schemaOf = schemaOf
  }

  /**
   * Decodes the tick `seq` of `run` from bytes[start..end). False, with nothing changed, if it holds a difference to a
   * tick that was not decoded: the next key tick goes on. Throws TICK_MALFORMED, SCHEMA_UNKNOWN; what follows up to the
   * next key tick is lost then.
   */
  decode(bytes: Uint8Array, start: number, end: number, run: number, seq: number): boolean {
    const head = start < end ? (bytes[start] as number) : 0
    if ((head & KEY_BIT) !== 0) {
      this.#decodeKey(new ByteReader(bytes, 'TICK_MALFORMED', start, end), run, seq)
      return true
    }
    if (this.#keySeq < 0 || run !== this.run || seq !== this.seq + 1) return false
    if ((head & INDEX_MASK) !== seq - this.#keySeq) {
      // A delta tick of another key tick under this number: nothing may be built on it.
      this.#forget()
      throw new ProtocolError('TICK_MALFORMED', { seq, index: head & INDEX_MASK })
    }
    this.#decodeDelta(bytes, start, end, seq)
    return true
  }

  #forget(): void {
    this.#keySeq = -1
  }

  #decodeKey(reader: ByteReader, run: number, seq: number): void {
    this.#forget()
    const flags = reader.u8()
    if ((flags & ~KEY_FLAGS_MASK) !== 0) throw new ProtocolError('TICK_MALFORMED', { seq, flags })
    const schemaId = reader.take(8).toHex()
    const schema = this.#schemaOf(schemaId)
    if (schema === undefined) throw new ProtocolError('SCHEMA_UNKNOWN', { schema: schemaId })
    if (reader.u48() !== run || reader.varint() !== seq) throw new ProtocolError('TICK_MALFORMED', { seq })
    this.#use(schema)
    this.wallMs = reader.varint()
    this.monoMs = reader.varint()
    this.intervalMs = reader.varint()
    if (!isInterval(this.intervalMs)) throw new ProtocolError('TICK_MALFORMED', { seq, intervalMs: this.intervalMs })
    this.missed = (flags & MISSED_FLAG) === 0 ? 0 : reader.varint()
    this.#checkClocks(seq)
    if ((flags & PRESENCE_FLAG) === 0) this.#present.fill(1)
    else this.#readPresence(reader)
    this.#mayOverflow = false
    for (let i = 0; i < this.#coding.seriesCount; i++) {
      this.#integers[i] = 0
      if (this.#present[i] === 0) continue
      if (this.#coding.kind[i] === FLOAT) {
        this.#integers[i] = reader.f64()
        continue
      }
      const integer = reader.signed()
      this.#integers[i] = integer
      if (Math.abs(integer) > SMALL_INTEGER) this.#mayOverflow = true
    }
    if (reader.remainingBytes !== 0)
      throw new ProtocolError('TICK_MALFORMED', { seq, extraBytes: reader.remainingBytes })
    this.#deltas.fill(0)
    this.#width.fill(INITIAL_WIDTH)
    this.#refreshValues()
    this.isKey = true
    this.run = run
    this.seq = seq
    this.#keySeq = seq
  }

  #decodeDelta(bytes: Uint8Array, start: number, end: number, seq: number): void {
    const keySeq = this.#keySeq
    // Until the tick is whole, nothing may be built on it.
    this.#forget()
    const reader = new ByteReader(bytes, 'TICK_MALFORMED', start, end)
    const flags = (reader.u8() & EXTENSION_BIT) === 0 ? 0 : reader.u8()
    if ((flags & ~DELTA_FLAGS_MASK) !== 0) throw new ProtocolError('TICK_MALFORMED', { seq, flags })
    const wallStepMs = reader.signed() + this.intervalMs
    this.wallMs += wallStepMs
    this.monoMs += wallStepMs + ((flags & DRIFT_FLAG) === 0 ? 0 : reader.signed())
    this.missed = (flags & MISSED_FLAG) === 0 ? 0 : reader.varint()
    this.#checkClocks(seq)
    if ((flags & PRESENCE_FLAG) !== 0) this.#readPresence(reader)
    const changedStart = reader.offset
    reader.take((this.#coding.seriesCount + 7) >>> 3)
    this.#readCodes(bytes, changedStart, reader.offset, end, seq)
    this.#refreshValues()
    this.isKey = false
    this.seq = seq
    this.#keySeq = keySeq
  }

  // Fast path: once a changed series a tick; an unchanged one costs its bit. The passes are apart because a branch that
  // depends on noise is mispredicted half of the time, which costs more than the work that it saves (bench codec).
  #readCodes(bytes: Uint8Array, changedStart: number, codesStart: number, end: number, seq: number): void {
    const { kind, counters, hasFloats, seriesCount } = this.#coding
    const integers = this.#integers
    const deltas = this.#deltas
    const width = this.#width
    const present = this.#present
    const bits = this.#bits
    for (let c = 0; c < counters.length; c++) {
      const i = counters[c] as number
      integers[i] = (integers[i] as number) + (deltas[i] as number) * (present[i] as number)
    }
    bits.open(bytes, codesStart, end)
    for (let at = changedStart, base = -24; at < codesStart; at++, base += 8) {
      let changed = bytes[at] as number
      while (changed !== 0) {
        const bit = Math.clz32(changed)
        changed ^= 0x80000000 >>> bit
        const i = base + bit
        if (i >= seriesCount || present[i] === 0) throw new ProtocolError('TICK_MALFORMED', { seq })
        if (hasFloats && kind[i] === FLOAT) {
          integers[i] = bits.f64()
          continue
        }
        const u = bits.expGolomb(width[i] as number)
        width[i] = bits.width
        const e = u < 0xffffffff ? ((u + 1) >>> 1) ^ -((u + 1) & 1) : this.#largeDifference(u)
        // A gauge's difference is kept too, and never looked at.
        deltas[i] = (deltas[i] as number) + e
        integers[i] = (integers[i] as number) + e
      }
    }
    if (!bits.isAtEnd()) throw new ProtocolError('TICK_MALFORMED', { seq })
    if (this.#mayOverflow) this.#checkIntegers(seq)
  }

  #largeDifference(u: number): number {
    this.#mayOverflow = true
    return u % 2 === 0 ? -1 - u / 2 : (u + 1) / 2
  }

  #use(schema: DecodableSchema): void {
    if (this.schema === schema) return
    const count = schema.series.length
    this.schema = schema
    this.#coding = seriesCodingOf(schema.series)
    this.#integers = new Float64Array(count)
    this.#deltas = new Float64Array(count)
    this.#width = new Uint8Array(count)
    this.#present = new Uint8Array(count)
    this.values = new Float64Array(count)
  }

  #readPresence(reader: ByteReader): void {
    const count = this.#present.length
    const bits = reader.take((count + 7) >>> 3)
    // The padding behind the last series.
    if ((count & 7) !== 0 && ((bits[bits.length - 1] as number) & (0xff >>> (count & 7))) !== 0) {
      throw new ProtocolError('TICK_MALFORMED', { series: count })
    }
    for (let i = 0; i < count; i++) {
      this.#present[i] = ((bits[i >>> 3] as number) & (0x80 >>> (i & 7))) === 0 ? 0 : 1
    }
  }

  /** A forged step may lead to a time that no Date can show. */
  #checkClocks(seq: number): void {
    const valid = this.wallMs >= 0 && this.wallMs <= LIMITS.wallMs && this.monoMs >= 0
    if (!valid || this.monoMs > Number.MAX_SAFE_INTEGER) {
      throw new ProtocolError('TICK_MALFORMED', { seq, wallMs: this.wallMs, monoMs: this.monoMs })
    }
  }

  /** Forged differences may add up to an integer that is no longer exact; a float may be as large as it likes. */
  #checkIntegers(seq: number): void {
    for (const [i, integer] of this.#integers.entries()) {
      if (this.#coding.kind[i] !== FLOAT && !Number.isSafeInteger(integer)) {
        throw new ProtocolError('TICK_MALFORMED', { seq, series: i })
      }
    }
  }

  #refreshValues(): void {
    const { perUnit, resolution } = this.#coding
    const values = this.values
    const integers = this.#integers
    for (let i = 0; i < values.length; i++) {
      values[i] = ((integers[i] as number) * (resolution[i] as number)) / (perUnit[i] as number)
    }
    for (let i = this.#present.indexOf(0); i !== -1; i = this.#present.indexOf(0, i + 1)) values[i] = Number.NaN
  }
}
