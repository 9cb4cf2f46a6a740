import { ByteReader } from '../bytes/byte-reader.ts'
import { ByteWriter } from '../bytes/byte-writer.ts'
import { ProtocolError } from '../errors.ts'
import { frameSeconds } from '../frame/frame.ts'
import { LIMITS } from '../limits.ts'
import { MESSAGE_TYPE } from './message-type.ts'

/** Consecutive ticks of one run on the wire; what is committed and acknowledged. */
export interface Batch {
  /** Which of the runs that the session's Hello listed. */
  readonly runIndex: number
  /** Seq of the first tick. */
  readonly seq: number
  readonly count: number
  /** Wall time of the first and the last tick, unix ms, by the collector's clock. */
  readonly firstWallMs: number
  readonly lastWallMs: number
  /** count × (length : varint, tick bytes). */
  readonly ticks: Uint8Array
}

/**
 * Writes a Batch message.
 *
 *   | 04 | run index | seq | count | age, signed | span, signed | ticks |     numbers are varints
 *
 * age: sent at, in ms, less the first tick's wall time. span: the last tick's wall time less the first's.
 */
export function encodeBatch(batch: Batch, sentAtS: number): Uint8Array {
  const writer = new ByteWriter(32 + batch.ticks.length)
  writer.u8(MESSAGE_TYPE.batch)
  writer.varint(batch.runIndex)
  writer.varint(batch.seq)
  writer.varint(batch.count)
  // The reader counts from what the frame's header says.
  writer.signed(frameSeconds(sentAtS) * 1000 - batch.firstWallMs)
  writer.signed(batch.lastWallMs - batch.firstWallMs)
  writer.append(batch.ticks)
  return writer.written()
}

/**
 * Reads a Batch message. `ticks` is a view into `payload`; their number and lengths are checked, what is in them is
 * not. Throws BATCH_MALFORMED.
 */
export function decodeBatch(payload: Uint8Array, sentAtS: number): Batch {
  const reader = new ByteReader(payload, 'BATCH_MALFORMED', 1)
  const runIndex = reader.varint()
  const seq = reader.varint()
  const count = reader.varint()
  const firstWallMs = sentAtS * 1000 - reader.signed()
  const lastWallMs = firstWallMs + reader.signed()
  const ticks = reader.take(reader.remainingBytes)
  if (count < 1 || count > LIMITS.batchTicks || ticks.length > LIMITS.batchTickBytes || seq + count > LIMITS.seq) {
    throw new ProtocolError('BATCH_MALFORMED', { seq, count, tickBytes: ticks.length })
  }
  if (!isWallMs(firstWallMs) || !isWallMs(lastWallMs)) throw new ProtocolError('BATCH_MALFORMED', { firstWallMs })
  const holds = countTicks(ticks)
  if (holds !== count) throw new ProtocolError('BATCH_MALFORMED', { seq, count, holds })
  return { runIndex, seq, count, firstWallMs, lastWallMs, ticks }
}

/** Writes one tick of a batch: its length, then its bytes; what TickCursor steps over. */
export function appendTick(writer: ByteWriter, tick: Uint8Array): void {
  writer.varint(tick.length)
  writer.append(tick)
}

/**
 * The bytes of ticks `from` up to the end, without copying; none if there are no more than `from`. Throws
 * BATCH_MALFORMED.
 */
export function dropTicks(ticks: Uint8Array, from: number): Uint8Array {
  const cursor = new TickCursor(ticks)
  for (let i = 0; i < from; i++) cursor.next()
  return ticks.subarray(cursor.end)
}

/**
 * Steps over the ticks of a batch: after `next` returned true, ticks[start..end) is one tick. Throws BATCH_MALFORMED.
 */
export class TickCursor {
  start = 0
  end = 0
  readonly #ticks: Uint8Array

  constructor(ticks: Uint8Array) {
    this.#ticks = ticks
  }

  next(): boolean {
    const ticks = this.#ticks
    if (this.end === ticks.length) return false
    let length = 0
    let at = this.end
    for (let shift = 0; ; shift += 7) {
      const byte = ticks[at++]
      if (byte === undefined || shift > 14) throw new ProtocolError('BATCH_MALFORMED', { offset: at })
      length |= (byte & 0x7f) << shift
      if (byte < 0x80) break
    }
    if (length === 0 || length > LIMITS.tickBytes || at + length > ticks.length) {
      throw new ProtocolError('BATCH_MALFORMED', { offset: at, length })
    }
    this.start = at
    this.end = at + length
    return true
  }
}

function countTicks(ticks: Uint8Array): number {
  const cursor = new TickCursor(ticks)
  let count = 0
  while (cursor.next()) count++
  return count
}

function isWallMs(value: number): boolean {
  return value >= 0 && value <= LIMITS.wallMs
}
