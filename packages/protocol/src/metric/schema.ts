import { ByteReader } from '../bytes/byte-reader.ts'
import { ByteWriter } from '../bytes/byte-writer.ts'
import { ProtocolError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import type { Unit } from './catalogue.ts'
import { checkSeries, decimalsOf, type Series } from './series.ts'

/** SHA-256 of `bytes`: 32 bytes. Passed in, because Node and the browser have it under different names. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array

/** The first 8 bytes of the SHA-256 of a schema's canonical bytes, as 16 hex digits. */
export type SchemaId = string

/** The ordered list of a collector's series at a time. */
export interface Schema {
  readonly id: SchemaId
  readonly series: readonly Series[]
  /** The canonical bytes: equal lists of series have equal bytes. */
  readonly bytes: Uint8Array
}

export const SCHEMA_ID_BYTES = 8

const SCHEMA_VERSION = 1
const UNIT_CODES: readonly Unit[] = ['none', 'ratio', 'bytes', 'seconds', 'ms', 'celsius', 'rpm', 'count']
const COUNTER_BIT = 1
const FLOAT_BIT = 2

/** Names a list of series. Throws METRIC_INVALID, also for a series that comes twice, and SCHEMA_TOO_LARGE. */
export function createSchema(series: readonly Series[], sha256: Sha256): Schema {
  const bytes = encodeSchema(series)
  return { id: schemaIdOf(bytes, sha256), series, bytes }
}

/**
 * Writes the canonical bytes. Names are front coded: `shared` bytes are those of the name before.
 *
 *   | version=1 : u8 | n : varint | series × n |
 *   series: | shared : varint | rest : varint | rest bytes | flags : u8 | unit : u8 |
 *           | mantissa : varint | -exponent10 : u8 |
 *
 * flags: bit 0 counter, bit 1 float; a float has neither mantissa nor exponent.
 */
function encodeSchema(series: readonly Series[]): Uint8Array {
  if (series.length > LIMITS.schemaSeries) throw new ProtocolError('SCHEMA_TOO_LARGE', { series: series.length })
  const writer = new ByteWriter(16 + series.length * 24)
  writer.u8(SCHEMA_VERSION)
  writer.varint(series.length)
  let previous: Uint8Array = new Uint8Array(0)
  const names = new Set<string>()
  for (const one of series) {
    checkSeries(one)
    if (names.has(one.name)) throw new ProtocolError('METRIC_INVALID', { series: one.name, times: 2 })
    names.add(one.name)
    const name = asciiBytes(one.name)
    const shared = sharedPrefixLength(previous, name)
    writer.varint(shared)
    writer.varint(name.length - shared)
    writer.append(name.subarray(shared))
    writer.u8((one.kind === 'counter' ? COUNTER_BIT : 0) | (one.resolution === null ? FLOAT_BIT : 0))
    writer.u8(UNIT_CODES.indexOf(one.unit))
    if (one.resolution !== null) {
      const exponent = decimalsOf(one.resolution) as number
      writer.varint(Math.round(one.resolution * 10 ** exponent))
      writer.u8(exponent)
    }
    previous = name
  }
  const bytes = writer.written().slice()
  if (bytes.length > LIMITS.schemaBytes) throw new ProtocolError('SCHEMA_TOO_LARGE', { bytes: bytes.length })
  return bytes
}

/** Reads canonical bytes. Keeps no reference to them. Throws SCHEMA_MALFORMED, SCHEMA_TOO_LARGE, METRIC_INVALID. */
export function decodeSchema(bytes: Uint8Array, sha256: Sha256): Schema {
  if (bytes.length > LIMITS.schemaBytes) throw new ProtocolError('SCHEMA_TOO_LARGE', { bytes: bytes.length })
  const reader = new ByteReader(bytes, 'SCHEMA_MALFORMED')
  const version = reader.u8()
  if (version !== SCHEMA_VERSION) throw new ProtocolError('SCHEMA_MALFORMED', { version })
  const count = reader.varint()
  if (count > LIMITS.schemaSeries) throw new ProtocolError('SCHEMA_TOO_LARGE', { series: count })
  const series: Series[] = []
  let previous: Uint8Array = new Uint8Array(0)
  for (let i = 0; i < count; i++) {
    const shared = reader.varint()
    const rest = reader.varint()
    if (shared > previous.length || shared + rest > LIMITS.seriesNameBytes) {
      throw new ProtocolError('SCHEMA_MALFORMED', { series: i })
    }
    const name = new Uint8Array(shared + rest)
    name.set(previous.subarray(0, shared))
    name.set(reader.take(rest), shared)
    previous = name
    series.push(readSeries(reader, asciiText(name), i))
  }
  if (reader.remainingBytes !== 0) throw new ProtocolError('SCHEMA_MALFORMED', { extraBytes: reader.remainingBytes })
  // Checks each series on its way.
  const canonical = encodeSchema(series)
  // Other bytes for the same list would give it a second id.
  if (!isEqual(canonical, bytes)) throw new ProtocolError('SCHEMA_MALFORMED', { bytes: bytes.length })
  return { id: schemaIdOf(canonical, sha256), series, bytes: canonical }
}

function readSeries(reader: ByteReader, name: string, index: number): Series {
  const flags = reader.u8()
  const unit = UNIT_CODES[reader.u8()]
  if (unit === undefined || flags > (COUNTER_BIT | FLOAT_BIT))
    throw new ProtocolError('SCHEMA_MALFORMED', { series: index })
  const kind = (flags & COUNTER_BIT) === 0 ? 'gauge' : 'counter'
  const resolution = (flags & FLOAT_BIT) === 0 ? reader.varint() / 10 ** reader.u8() : null
  return { name, unit, kind, resolution }
}

/** The id of canonical bytes, without a look at them. */
export function schemaIdOf(bytes: Uint8Array, sha256: Sha256): SchemaId {
  return sha256(bytes).subarray(0, SCHEMA_ID_BYTES).toHex()
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && sharedPrefixLength(a, b) === a.length
}

function sharedPrefixLength(a: Uint8Array, b: Uint8Array): number {
  let length = 0
  while (length < a.length && length < b.length && a[length] === b[length]) length++
  return length
}

/** Series names are ASCII (metric/series.ts escapes all else), so a byte is a character. */
function asciiText(bytes: Uint8Array): string {
  // Not spread: that made decoding 4,096 series half as slow again, on the thread that serves everybody.
  return String.fromCharCode.apply(null, bytes as unknown as number[])
}

/** The same the other way. */
function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}
