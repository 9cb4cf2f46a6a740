import { decode, Encoder, setSizeLimits } from 'cbor-x/index-no-eval'
import { ProtocolError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { checkPlainCbor } from './plain-cbor.ts'

// A forged length makes cbor-x allocate that many places before it looks for the items.
setSizeLimits({ maxArraySize: LIMITS.haveRanges * 4, maxMapSize: 256, maxObjectSize: 256 })

// Plain CBOR maps (RFC 8949) without cbor-x's own record extension, so that any other library can read them,
// with heads of the shortest form.
const encoder = new Encoder({ useRecords: false, mapsAsObjects: true, tagUint8Array: false, variableMapSize: true })

/** The CBOR bytes of a plain object of numbers, text, byte strings, lists and objects. */
export function encodeCbor(value: object): Uint8Array {
  return new Uint8Array(encoder.encode(value))
}

/** Decodes one map of plain CBOR (plain-cbor.ts); of equal keys the last counts. Throws MESSAGE_MALFORMED. */
export function decodeCborMap(bytes: Uint8Array): Record<string, unknown> {
  checkPlainCbor(bytes)
  const value = decodeAny(bytes)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) {
    throw new ProtocolError('MESSAGE_MALFORMED', { bytes: bytes.length })
  }
  return value as Record<string, unknown>
}

function decodeAny(bytes: Uint8Array): unknown {
  try {
    return decode(bytes)
  } catch (cause) {
    throw new ProtocolError('MESSAGE_MALFORMED', { bytes: bytes.length }, { cause })
  }
}
