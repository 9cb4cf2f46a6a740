import { ByteReader } from '../bytes/byte-reader.ts'
import { ByteWriter } from '../bytes/byte-writer.ts'
import { ProtocolError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { MESSAGE_TYPE } from './message-type.ts'

/** Ticks [seq, seq + count) of a run are committed. */
export interface AckedRange {
  readonly runIndex: number
  readonly seq: number
  readonly count: number
}

/** Writes an Ack message: | 05 | (run index, seq, count) × n |, varints up to the end of the payload. */
export function encodeAck(ranges: readonly AckedRange[]): Uint8Array {
  const writer = new ByteWriter(16)
  writer.u8(MESSAGE_TYPE.ack)
  for (const range of ranges) {
    writer.varint(range.runIndex)
    writer.varint(range.seq)
    writer.varint(range.count)
  }
  return writer.written()
}

/** Reads an Ack message, at most LIMITS.ackRanges ranges. Throws MESSAGE_MALFORMED. */
export function decodeAck(payload: Uint8Array): AckedRange[] {
  const reader = new ByteReader(payload, 'MESSAGE_MALFORMED', 1)
  const ranges: AckedRange[] = []
  while (reader.remainingBytes > 0) {
    if (ranges.length === LIMITS.ackRanges) throw new ProtocolError('MESSAGE_MALFORMED', { ranges: ranges.length })
    const range: AckedRange = { runIndex: reader.varint(), seq: reader.varint(), count: reader.varint() }
    if (range.seq + range.count > LIMITS.seq) throw new ProtocolError('MESSAGE_MALFORMED', { seq: range.seq })
    ranges.push(range)
  }
  return ranges
}
