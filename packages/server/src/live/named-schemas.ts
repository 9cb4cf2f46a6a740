import { ProtocolError, type SchemaId, TickCursor } from '@godwit/protocol'

/** The first bit of a key tick, before the id of its schema (docs/wire-format.md, "Ticks"). */
const KEY_BIT = 0x80
const SCHEMA_ID_BYTES = 8

/** The schemas that the key ticks of a batch name: what a browser must have to decode it. Nothing else of a tick is read. */
export function namedSchemas(ticks: Uint8Array): Set<SchemaId> {
  const ids = new Set<SchemaId>()
  try {
    const cursor = new TickCursor(ticks)
    while (cursor.next()) {
      const isKey = ((ticks[cursor.start] as number) & KEY_BIT) !== 0
      const idAt = cursor.start + 1
      if (isKey && idAt + SCHEMA_ID_BYTES <= cursor.end) ids.add(ticks.subarray(idAt, idAt + SCHEMA_ID_BYTES).toHex())
    }
  } catch (error) {
    // What follows cannot be found by a browser either.
    if (!(error instanceof ProtocolError)) throw error
  }
  return ids
}
