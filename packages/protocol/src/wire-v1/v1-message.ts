import { ProtocolError } from '../errors.ts'

/**
 * The messages of version 1, as the collectors in the field send them (docs/wire-format.md, "Version 1").
 * A collector's id is a u128: here its 16 bytes, big endian, which are those of the UUID.
 */
export type V1Message = V1SubmitData | V1RequestWork

export interface V1SubmitData {
  readonly type: 'submitData'
  readonly collector: Uint8Array
  readonly totalMemoryBytes: bigint
  readonly usedMemoryBytes: bigint
  /** 0..100, averaged over processors; NaN where the source had none. */
  readonly averageCpuPercent: number
}

export interface V1RequestWork {
  readonly type: 'requestWork'
  readonly collector: Uint8Array
}

/** Replies are bare bincode: no header, length or checksum. */
export const V1_REPLY: Readonly<Record<'ack' | 'noWork' | 'shutdown', Uint8Array>> = {
  ack: Uint8Array.fromHex('00000000'),
  noWork: Uint8Array.fromHex('01000000'),
  shutdown: Uint8Array.fromHex('0200000000000000'),
}

const JSON_FIRST_BYTE = 0x7b
/** The collectors send 80 to 150 bytes. */
const MAX_JSON_BYTES = 16 * 1024
const SUBMIT_DATA_BYTES = 40
const REQUEST_WORK_BYTES = 20
const MAX_U64 = 2n ** 64n - 1n
const MAX_U128 = 2n ** 128n - 1n

/** Reads the payload of a version 1 frame, JSON or bincode. Throws MESSAGE_UNKNOWN, MESSAGE_MALFORMED. */
export function decodeV1Message(payload: Uint8Array): V1Message {
  return payload[0] === JSON_FIRST_BYTE ? decodeJson(payload) : decodeBincode(payload)
}

/**
 *   | 0 : u32 | id : u128 | total : u64 | used : u64 | cpu : f32 |     SubmitData
 *   | 1 : u32 | id : u128 |                                          RequestWork     little endian, no padding
 */
function decodeBincode(payload: Uint8Array): V1Message {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
  const variant = payload.length < 4 ? -1 : view.getUint32(0, true)
  const wantedBytes = variant === 0 ? SUBMIT_DATA_BYTES : variant === 1 ? REQUEST_WORK_BYTES : -1
  if (wantedBytes === -1) throw new ProtocolError('MESSAGE_UNKNOWN', { variant })
  if (payload.length !== wantedBytes)
    throw new ProtocolError('MESSAGE_MALFORMED', { bytes: payload.length, wantedBytes })
  const collector = payload.slice(4, 20).reverse()
  if (variant === 1) return { type: 'requestWork', collector }
  return {
    type: 'submitData',
    collector,
    totalMemoryBytes: view.getBigUint64(20, true),
    usedMemoryBytes: view.getBigUint64(28, true),
    averageCpuPercent: finiteOrNaN(view.getFloat32(36, true)),
  }
}

function decodeJson(payload: Uint8Array): V1Message {
  const message = parseJson(payload)
  if (isRecord(message) && isRecord(message['SubmitData'])) {
    const fields = message['SubmitData']
    return {
      type: 'submitData',
      collector: idBytes(whole(fields, 'collector_id', MAX_U128)),
      totalMemoryBytes: whole(fields, 'total_memory', MAX_U64),
      usedMemoryBytes: whole(fields, 'used_memory', MAX_U64),
      averageCpuPercent: percent(fields),
    }
  }
  if (isRecord(message) && isRecord(message['RequestWork'])) {
    return { type: 'requestWork', collector: idBytes(whole(message['RequestWork'], 'collector_id', MAX_U128)) }
  }
  throw new ProtocolError('MESSAGE_UNKNOWN', { payloadBytes: payload.length })
}

function parseJson(payload: Uint8Array): unknown {
  if (payload.length > MAX_JSON_BYTES) throw new ProtocolError('MESSAGE_MALFORMED', { bytes: payload.length })
  // The field names and numbers are ASCII; any other byte can only stand in a field that is ignored.
  const text = String.fromCharCode(...payload)
  try {
    return JSON.parse(text, keepWholeNumbers)
  } catch (cause) {
    throw new ProtocolError('MESSAGE_MALFORMED', { bytes: payload.length }, { cause })
  }
}

/** A u128 does not fit a JavaScript number, so whole numbers are taken from the source text. */
function keepWholeNumbers(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source
  return typeof value === 'number' && source !== undefined && /^\d{1,39}$/.test(source) ? BigInt(source) : value
}

function whole(fields: Record<string, unknown>, field: string, max: bigint): bigint {
  const value = Object.hasOwn(fields, field) ? fields[field] : undefined
  if (typeof value !== 'bigint' || value > max) throw new ProtocolError('MESSAGE_MALFORMED', { field })
  return value
}

function percent(fields: Record<string, unknown>): number {
  const value = Object.hasOwn(fields, 'average_cpu_usage') ? fields['average_cpu_usage'] : undefined
  // serde writes NaN and infinity as null.
  if (value === null) return Number.NaN
  if (typeof value !== 'number' && typeof value !== 'bigint') {
    throw new ProtocolError('MESSAGE_MALFORMED', { field: 'average_cpu_usage' })
  }
  return finiteOrNaN(Math.fround(Number(value)))
}

function finiteOrNaN(value: number): number {
  return Number.isFinite(value) ? value : Number.NaN
}

function idBytes(id: bigint): Uint8Array {
  return Uint8Array.fromHex(id.toString(16).padStart(2 * 16, '0'))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
