import { hash } from 'node:crypto'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { decodeSchema, ProtocolError, type Schema, type SchemaId, type Series } from '@godwit/protocol'
import type { CollectorNo } from '../store.ts'
import type { KnownSeries } from '../store-reader.ts'
import { BoundedCache } from './bounded-cache.ts'

/** In all schemas that are kept decoded: about 80 MB where their names are long, and 1,600 schemas of a usual machine. */
const MAX_KEPT_SERIES = 65_536
/** Names that are kept of one collector, over all of its schemas; and of all together, with the ids of the schemas. */
const MAX_KNOWN_NAMES = 65_536
const MAX_CATALOGUES = 262_144
/** A schema costs something even if it has no series. */
const COST_OF_ONE = 16

interface Catalogue {
  readonly seen: Set<SchemaId>
  readonly byName: Map<string, Series>
}

/**
 * The schemas of a database, decoded one by one as they are asked for. A collector decides how many it has and how large
 * they are, so what is kept of them has a bound.
 */
export class StoredSchemas {
  readonly #ids: StatementSync
  readonly #bytes: StatementSync
  /** Null where it is damaged. */
  readonly #kept = new BoundedCache<string, Schema | null>(MAX_KEPT_SERIES)
  readonly #catalogues = new BoundedCache<CollectorNo, Catalogue>(MAX_CATALOGUES)

  constructor(database: DatabaseSync) {
    this.#ids = database.prepare('SELECT id FROM schema WHERE collector = ? ORDER BY id')
    this.#bytes = database.prepare('SELECT bytes FROM schema WHERE collector = ? AND id = ?')
  }

  /**
   * Undefined if it is not stored, or damaged: its ticks are then of an unknown schema, and named as damaged themselves.
   * The same object at each call while it is kept.
   */
  get(collectorNo: CollectorNo, id: SchemaId): Schema | undefined {
    const key = `${collectorNo} ${id}`
    const kept = this.#kept.get(key)
    if (kept !== undefined) return kept ?? undefined
    const bytes = this.#bytes.get(collectorNo, id)?.['bytes'] as Uint8Array | undefined
    // Not kept: it may yet be saved.
    if (bytes === undefined) return undefined
    const schema = decoded(bytes, id)
    this.#kept.set(key, schema ?? null, COST_OF_ONE + (schema?.series.length ?? 0))
    return schema
  }

  /** Yields before each schema that must be decoded; if it is not told to go on, the next call goes on from there. */
  *known(collectorNo: CollectorNo): Generator<void, KnownSeries, void> {
    const catalogue = this.#catalogues.get(collectorNo) ?? { seen: new Set<SchemaId>(), byName: new Map() }
    const { seen, byName } = catalogue
    const ids = byName.size < MAX_KNOWN_NAMES ? (this.#ids.all(collectorNo) as { id: string }[]) : []
    for (const { id } of ids) {
      if (seen.has(id)) continue
      yield
      for (const one of this.get(collectorNo, id)?.series ?? []) byName.set(one.name, one)
      seen.add(id)
      this.#catalogues.set(collectorNo, catalogue, COST_OF_ONE + seen.size + byName.size)
      if (byName.size >= MAX_KNOWN_NAMES) break
    }
    return { byName, isComplete: byName.size < MAX_KNOWN_NAMES }
  }
}

function decoded(bytes: Uint8Array, id: SchemaId): Schema | undefined {
  try {
    const schema = decodeSchema(bytes, (input) => hash('sha256', input, 'buffer'))
    return schema.id === id ? schema : undefined
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}
