import { ProtocolError, type Schema, type SchemaId, TickCursor, TickDecoder } from '@godwit/protocol'
import type { StoredBatch } from '../store.ts'

type SchemaOf = (id: SchemaId) => Schema | undefined

/** Of one tail: what a browser is sent before its ticks. */
const MAX_TAIL_SCHEMAS = 64
const MAX_TAIL_SERIES = 65_536

/** The batches from the last one on that holds a key tick; empty if none does. */
export function fromNewestKey(batches: readonly StoredBatch[], schemaOf: SchemaOf): StoredBatch[] {
  const newestKey = batches.findLastIndex((batch) => firstKeySchema(batch, schemaOf) !== undefined)
  return newestKey === -1 ? [] : batches.slice(newestKey)
}

/** The schema of the last tick that can be decoded of a tail, which begins with a batch that holds a key tick. */
export function lastSchema(tail: readonly StoredBatch[], schemaOf: SchemaOf): Schema | undefined {
  const decoder = new TickDecoder(schemaOf)
  try {
    for (const { ticks, run, seq } of tail) {
      const cursor = new TickCursor(ticks)
      for (let i = 0; cursor.next(); i++) decoder.decode(ticks, cursor.start, cursor.end, run, seq + i)
    }
  } catch (error) {
    // What is damaged has no schema; the tick before it has.
    if (!(error instanceof ProtocolError)) throw error
  }
  return decoder.schema === undefined ? undefined : schemaOf(decoder.schema.id)
}

/** The schemas that the key ticks of the batches name, those of the newest first; the oldest are left out of too many. */
export function schemasNamedIn(batches: readonly StoredBatch[], schemaOf: SchemaOf): Schema[] {
  const found = new Map<SchemaId, Schema>()
  let series = 0
  for (const batch of batches.toReversed()) {
    const ofBatch = new Set<SchemaId>()
    const decoder = new TickDecoder((id) => {
      ofBatch.add(id)
      // The names are all that is wanted: no schema, no tick.
      return undefined
    })
    eachTick(batch, decoder)
    for (const id of Array.from(ofBatch).reverse()) {
      if (found.has(id)) continue
      const schema = schemaOf(id)
      if (schema === undefined) continue
      series += schema.series.length
      if (found.size >= MAX_TAIL_SCHEMAS || (found.size > 0 && series > MAX_TAIL_SERIES)) return [...found.values()]
      found.set(id, schema)
    }
  }
  return [...found.values()]
}

/** Undefined if the batch holds no key tick, or a damaged one before it: that is nothing to begin with. */
function firstKeySchema(batch: StoredBatch, schemaOf: SchemaOf): SchemaId | undefined {
  // Without a key tick before it, a decoder takes nothing but a key tick.
  const decoder = new TickDecoder(schemaOf)
  const cursor = new TickCursor(batch.ticks)
  try {
    for (let seq = batch.seq; cursor.next(); seq++) {
      if (decoder.decode(batch.ticks, cursor.start, cursor.end, batch.run, seq)) return decoder.schema?.id
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
  }
  return undefined
}

/** Each tick is tried, whatever becomes of the one before it. */
function eachTick(batch: StoredBatch, decoder: TickDecoder): void {
  const cursor = new TickCursor(batch.ticks)
  try {
    for (let seq = batch.seq; cursor.next(); seq++)
      tried(() => decoder.decode(batch.ticks, cursor.start, cursor.end, batch.run, seq))
  } catch (error) {
    // Without a length, nothing after it can be found.
    if (!(error instanceof ProtocolError)) throw error
  }
}

function tried(decode: () => boolean): void {
  try {
    decode()
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
  }
}
