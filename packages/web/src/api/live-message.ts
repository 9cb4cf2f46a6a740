import type { Series } from '@godwit/protocol'
import { ApiError } from './api-error.ts'
import type { Collector } from './collector.ts'

/** Consecutive ticks of one run, as they were committed. Tick i is bytes[bounds[2i] .. bounds[2i+1]) and has seq firstSeq + i. */
export interface LiveBatch {
  readonly collector: string
  readonly run: number
  readonly firstSeq: number
  readonly bytes: Uint8Array
  readonly bounds: Uint32Array
}

export type LiveNotice =
  | { readonly type: 'schema'; readonly collector: string; readonly id: string; readonly series: readonly Series[] }
  | { readonly type: 'state'; readonly collector: string; readonly row: Partial<Collector> }
  | { readonly type: 'unknown' }

/** More than one batch may hold, so that a damaged count cannot make the page allocate without end. */
const MAX_TICKS = 4096

/**
 * Reads one binary message.
 *
 *   | collector uuid : 16 | run : u48 big endian | first seq : varint | count : varint | count × ( length : varint, tick ) |
 *
 * Keeps a view of `bytes`. Throws ApiError MALFORMED.
 */
export function parseLiveBatch(bytes: Uint8Array): LiveBatch {
  const cursor = { bytes, offset: 22 }
  if (bytes.length < cursor.offset) throw truncated()
  let run = 0
  for (let i = 16; i < 22; i++) run = run * 256 + (bytes[i] as number)
  const firstSeq = readVarint(cursor)
  const count = readVarint(cursor)
  if (count > MAX_TICKS) throw new ApiError('MALFORMED', `a live message announces ${count} ticks`)
  const bounds = new Uint32Array(count * 2)
  for (let i = 0; i < count; i++) {
    const length = readVarint(cursor)
    bounds[i * 2] = cursor.offset
    cursor.offset += length
    if (cursor.offset > bytes.length) throw truncated()
    bounds[i * 2 + 1] = cursor.offset
  }
  return { collector: uuidOf(bytes), run, firstSeq, bytes, bounds }
}

/** Reads one text message; a kind that this page does not know is 'unknown'. Throws ApiError MALFORMED on what is not JSON. */
export function parseLiveNotice(text: string): LiveNotice {
  const message = parseJson(text) as { schema?: SchemaNotice; state?: StateNotice } | null
  if (message?.schema !== undefined) {
    const { collector, id, series } = message.schema
    return { type: 'schema', collector, id, series }
  }
  if (message?.state !== undefined) return { type: 'state', collector: message.state.collector, row: message.state }
  return { type: 'unknown' }
}

interface SchemaNotice {
  collector: string
  id: string
  series: readonly Series[]
}

interface StateNotice extends Partial<Collector> {
  collector: string
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ApiError('MALFORMED', 'a live message is not JSON', 0, { cause })
  }
}

function uuidOf(bytes: Uint8Array): string {
  let hex = ''
  for (let i = 0; i < 16; i++) hex += (bytes[i] as number).toString(16).padStart(2, '0')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** LEB128, at most 2^53 - 1. */
function readVarint(cursor: { readonly bytes: Uint8Array; offset: number }): number {
  let value = 0
  for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
    const byte = cursor.bytes[cursor.offset++]
    if (byte === undefined) throw truncated()
    value += (byte & 0x7f) * scale
    if (byte < 0x80) return value
  }
  throw new ApiError('MALFORMED', 'a live message holds a number over 2^53')
}

function truncated(): ApiError {
  return new ApiError('MALFORMED', 'a live message ends early')
}
