import { ProtocolError, type Schema, TickCursor, TickDecoder } from '@godwit/protocol'
import type { CollectorNo, StoredBatch } from '../store/store.ts'
import type { ApiQuery } from './api-context.ts'

/** The schema of the newest tick; null if no tick is stored. */
export async function newestSchema(
  query: Pick<ApiQuery, 'tail' | 'schemas'>,
  collectorNo: CollectorNo,
): Promise<Schema | null> {
  const tail = await query.tail(collectorNo)
  if (tail.length === 0) return null
  // Schemas after ticks: a tick's schema is saved before the tick.
  const schemas = await query.schemas(collectorNo)
  const id = lastSchemaId(tail, new Map(schemas.map((schema) => [schema.id, schema])))
  return schemas.find((schema) => schema.id === id) ?? null
}

function lastSchemaId(tail: readonly StoredBatch[], schemas: ReadonlyMap<string, Schema>): string | undefined {
  const decoder = new TickDecoder((id) => schemas.get(id))
  try {
    for (const { ticks, run, seq } of tail) {
      const cursor = new TickCursor(ticks)
      for (let i = 0; cursor.next(); i++) decoder.decode(ticks, cursor.start, cursor.end, run, seq + i)
    }
  } catch (error) {
    // What is damaged has no schema; the tick before it has.
    if (!(error instanceof ProtocolError)) throw error
  }
  return decoder.schema?.id
}
