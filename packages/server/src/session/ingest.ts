import { isDeepStrictEqual } from 'node:util'
import type { Schema } from '@godwit/protocol'
import type { Clock } from '../clock.ts'
import type { CommitQueue } from '../commit/commit-queue.ts'
import { ServerError } from '../errors.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { Log } from '../log.ts'
import type { CollectorFacts, CollectorNo, CollectorRecord, Store, StoredBatch } from '../store/store.ts'
import type { SessionDirectory } from './session-directory.ts'

/** Where committed ticks are shown live. */
export interface LiveSink {
  isWatched(collectorNo: CollectorNo): boolean
  publish(batch: StoredBatch): void
  schemaSaved(collectorNo: CollectorNo, schema: Schema): void
}

/** What every session works with. */
export interface Ingest {
  readonly store: Store
  readonly commits: CommitQueue
  readonly fleet: Fleet
  readonly sessions: SessionDirectory
  readonly live: LiveSink
  readonly clock: Clock
  readonly log: Log
}

/** Unauthenticated peers could otherwise fill the store with collectors. */
const MAX_COLLECTORS = 100_000

/** Makes the collector known to store and fleet. Throws COLLECTOR_LIMIT, and what the store throws. */
export async function admitCollector(ingest: Ingest, facts: CollectorFacts): Promise<CollectorRecord> {
  if (ingest.fleet.size >= MAX_COLLECTORS && ingest.fleet.find(facts.id) === undefined) {
    throw new ServerError('COLLECTOR_LIMIT', {
      hint: `remove collectors that are gone; the limit is ${MAX_COLLECTORS}`,
    })
  }
  const known = ingest.fleet.find(facts.id)?.record
  // A fleet that comes back all at once changes nothing: it must not cost a transaction each.
  if (known !== undefined && hasFacts(known, facts)) return known
  const record = await ingest.store.saveCollector(facts, ingest.clock.wallMs())
  ingest.fleet.add(record, null)
  return record
}

function hasFacts({ no: _no, firstSeenMs: _firstSeenMs, ...known }: CollectorRecord, facts: CollectorFacts): boolean {
  return isDeepStrictEqual(known, facts)
}
