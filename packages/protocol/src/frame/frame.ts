import { ProtocolError } from '../errors.ts'
import { LIMITS } from '../limits.ts'

const FRAME_MAGIC = 0x04d2
const FRAME_HEADER_BYTES = 12
const FRAME_CRC_BYTES = 4
export const FRAME_OVERHEAD_BYTES: number = FRAME_HEADER_BYTES + FRAME_CRC_BYTES

/** The first byte of a TLS ClientHello: never that of a frame. */
export const TLS_HANDSHAKE_BYTE = 0x16

/** CRC-32 with the zlib polynomial. Passed in, because Node has it in native code. */
export type Crc32 = (bytes: Uint8Array) => number

export type FrameVersion = 1 | 2

export interface Frame {
  readonly version: FrameVersion
  /** When the frame was sent, unix seconds by the sender's clock. */
  readonly sentAtS: number
  /** A view into the bytes that were parsed. */
  readonly payload: Uint8Array
}

/**
 * Reads one frame from the front of bytes[offset..end).
 *
 *   0         2          4          8            12           12+n      16+n
 *   | 04d2    | version  | sent at  | n : u32    | payload    | crc : u32 |    big endian, crc over the payload
 *
 * Returns 'incomplete' until all 16+n bytes are there. Throws FRAME_MAGIC, FRAME_VERSION, FRAME_TOO_LARGE,
 * FRAME_CHECKSUM; the stream can't be trusted after any of them, so close it. A wrong first byte throws at once.
 */
export function parseFrame(
  bytes: Uint8Array,
  offset: number,
  end: number,
  crc32: Crc32,
): { frame: Frame; consumedBytes: number } | 'incomplete' {
  const available = end - offset
  if (available >= 1 && bytes[offset] !== FRAME_MAGIC >>> 8)
    throw new ProtocolError('FRAME_MAGIC', hexDetail(bytes, offset, end))
  if (available >= 2 && bytes[offset + 1] !== (FRAME_MAGIC & 0xff)) {
    throw new ProtocolError('FRAME_MAGIC', hexDetail(bytes, offset, end))
  }
  if (available < FRAME_HEADER_BYTES) return 'incomplete'
  const version = u16(bytes, offset + 2)
  if (version !== 1 && version !== 2) throw new ProtocolError('FRAME_VERSION', { version })
  const payloadBytes = u32(bytes, offset + 8)
  const limitBytes = version === 1 ? LIMITS.frameV1PayloadBytes : LIMITS.framePayloadBytes
  // Before waiting for the rest: a forged length must not make us buffer 4 GiB.
  if (payloadBytes > limitBytes) throw new ProtocolError('FRAME_TOO_LARGE', { payloadBytes, limitBytes })
  if (available < FRAME_OVERHEAD_BYTES + payloadBytes) return 'incomplete'
  const start = offset + FRAME_HEADER_BYTES
  const payload = bytes.subarray(start, start + payloadBytes)
  if (crc32(payload) !== u32(bytes, start + payloadBytes)) throw new ProtocolError('FRAME_CHECKSUM', { payloadBytes })
  return {
    frame: { version, sentAtS: u32(bytes, offset + 4), payload },
    consumedBytes: FRAME_OVERHEAD_BYTES + payloadBytes,
  }
}

/** Unix seconds as the header carries them: whole; a clock outside 1970..2106 shows its nearest end. */
export function frameSeconds(unixS: number): number {
  return Math.min(Math.max(Math.floor(unixS), 0), 0xffffffff)
}

/** Builds one frame. `sentAtS`: see frameSeconds. A payload over the limit of its version is the caller's mistake. */
export function encodeFrame(version: FrameVersion, sentAtS: number, payload: Uint8Array, crc32: Crc32): Uint8Array {
  const bytes = new Uint8Array(FRAME_OVERHEAD_BYTES + payload.length)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, FRAME_MAGIC)
  view.setUint16(2, version)
  view.setUint32(4, frameSeconds(sentAtS))
  view.setUint32(8, payload.length)
  bytes.set(payload, FRAME_HEADER_BYTES)
  view.setUint32(FRAME_HEADER_BYTES + payload.length, crc32(payload))
  return bytes
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
}

function u32(bytes: Uint8Array, at: number): number {
  return ((u16(bytes, at) << 16) | u16(bytes, at + 2)) >>> 0
}

function hexDetail(bytes: Uint8Array, offset: number, end: number): Record<string, string> {
  return { first: bytes.subarray(offset, Math.min(offset + 4, end)).toHex() }
}
