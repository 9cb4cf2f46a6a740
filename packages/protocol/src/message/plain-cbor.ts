import { ProtocolError } from '../errors.ts'

/**
 * A message nests 3 levels: a map, a list in it, a row in that. The rest is room for fields that we do not know yet.
 */
const MAX_DEPTH = 8

const TEXT = 3
const ARRAY = 4
const MAP = 5
const TAG = 6
const BREAK = 0xff

/**
 * Checks that `bytes` are exactly one item of plain CBOR: numbers, true, false, null, text and byte strings of definite
 * length, lists, and maps with text keys, at most 8 deep. Runs in one pass and allocates nothing.
 *
 * It stands before the decoder because cbor-x acts on tags: a bignum of 300 kB holds it for 46 s, and others make
 * dates, regular expressions, sets or cycles. No message of ours has a tag. Throws MESSAGE_MALFORMED with the offset.
 */
export function checkPlainCbor(bytes: Uint8Array): void {
  const end = skipItem(bytes, 0, 1)
  if (end !== bytes.length) throw malformed(end)
}

/** Returns the offset behind the item at `offset`. */
function skipItem(bytes: Uint8Array, offset: number, depth: number): number {
  const first = byteAt(bytes, offset)
  const major = first >>> 5
  const info = first & 0x1f
  if (major === TAG || depth > MAX_DEPTH) throw malformed(offset)
  if (info === 0x1f) return skipIndefinite(bytes, offset, major, depth)
  const isSimple = major > TAG
  // 24 would be a simple value of one byte, of which none is assigned.
  if (info > 27 || (isSimple && info === 24)) throw malformed(offset)
  const argumentBytes = info < 24 ? 0 : 2 ** (info - 24)
  const start = offset + 1 + argumentBytes
  if (start > bytes.length) throw malformed(offset)
  if (isSimple || major < 2) return start
  const length = argumentBytes === 0 ? info : bigEndian(bytes, offset + 1, start)
  // Each item takes a byte at least, so a length over what is left is forged.
  if (length > bytes.length - start) throw malformed(offset)
  if (major < ARRAY) return start + length
  let end = start
  for (let i = 0; i < length; i++) end = skipEntry(bytes, end, major, depth)
  return end
}

function skipIndefinite(bytes: Uint8Array, offset: number, major: number, depth: number): number {
  if (major !== ARRAY && major !== MAP) throw malformed(offset)
  let end = offset + 1
  while (byteAt(bytes, end) !== BREAK) end = skipEntry(bytes, end, major, depth)
  return end + 1
}

/** One item of a list, or one key and value of a map. */
function skipEntry(bytes: Uint8Array, offset: number, major: number, depth: number): number {
  if (major === ARRAY) return skipItem(bytes, offset, depth + 1)
  if (byteAt(bytes, offset) >>> 5 !== TEXT) throw malformed(offset)
  return skipItem(bytes, skipItem(bytes, offset, depth + 1), depth + 1)
}

function byteAt(bytes: Uint8Array, offset: number): number {
  const byte = bytes[offset]
  if (byte === undefined) throw malformed(offset)
  return byte
}

function bigEndian(bytes: Uint8Array, start: number, end: number): number {
  let value = 0
  for (let at = start; at < end; at++) value = value * 256 + (bytes[at] as number)
  return value
}

function malformed(offset: number): ProtocolError {
  return new ProtocolError('MESSAGE_MALFORMED', { offset })
}
