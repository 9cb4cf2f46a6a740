import { ByteWriter, type Schema, type SchemaId } from '@godwit/protocol'
import type { CollectorStatus } from '../fleet/fleet.ts'
import type { StoredBatch } from '../store/store.ts'
import { fleetRow } from './fleet-row.ts'
import { namedSchemas } from './named-schemas.ts'

/** A committed batch as browsers get it; `bytes` is one binary message. */
export interface LiveBatch {
  readonly run: number
  readonly seq: number
  readonly count: number
  readonly bytes: Uint8Array
  /** What a browser must have to decode it. */
  readonly schemas: ReadonlySet<SchemaId>
}

/**
 * Writes a batch for the browsers that watch its collector. Copies the ticks.
 *
 *   | collector uuid : 16 | run : u48, big endian | first seq : varint | count : varint | count × (length : varint, tick) |
 */
export function encodeLiveBatch(collectorId: Uint8Array, batch: StoredBatch): LiveBatch {
  const { run, seq, count, ticks } = batch
  const writer = new ByteWriter(40 + ticks.length)
  writer.append(collectorId)
  writer.u48(run)
  writer.varint(seq)
  writer.varint(count)
  writer.append(ticks)
  return { run, seq, count, bytes: writer.written(), schemas: namedSchemas(ticks) }
}

export function schemaNotice(collectorId: string, schema: Schema): string {
  return JSON.stringify({ schema: { collector: collectorId, id: schema.id, series: schema.series } })
}

export function stateNotice(status: CollectorStatus): string {
  return JSON.stringify({ state: { collector: status.record.id, ...fleetRow(status) } })
}

/** A subscription that cannot be had; the others of the same request stand. */
export function unknownNotice(collectorId: string): string {
  return JSON.stringify({ error: { collector: collectorId, code: 'COLLECTOR_UNKNOWN' } })
}
