import {
  decodeV1Message,
  type Frame,
  formatCollectorId,
  V1_REPLY,
  type V1Message,
  type V1SubmitData,
} from '@godwit/protocol'
import type { Presence } from '../fleet/fleet.ts'
import type { CollectorRecord, StoredBatch, V1Sample } from '../store/store.ts'
import { V1_SCHEMA } from '../store/v1-schema.ts'
import { admitCollector, type Ingest } from './ingest.ts'
import type { Peer, Session } from './peer.ts'

const JSON_FIRST_BYTE = 0x7b

/** Version 1 collectors flush about once a second, but say nothing of it. */
const ASSUMED_FLUSH_MS = 10_000
const QUIET_LIMIT_MS = 300_000

/**
 * One connection of a version 1 collector (docs/wire-format.md, "Version 1"). Each bincode frame gets exactly one reply, in order,
 * a sample's only once it is durable. JSON samples get none: their senders close without reading, and a reply that nobody read makes
 * their kernel reset the connection and throw away what they sent last.
 */
export class V1Session implements Session {
  readonly #ingest: Ingest
  readonly #peer: Peer
  #collector: CollectorRecord | undefined
  readonly #presence: Presence = { flushMs: ASSUMED_FLUSH_MS, backlogTicks: null }
  #isClosed = false

  constructor(ingest: Ingest, peer: Peer) {
    this.#ingest = ingest
    this.#peer = peer
  }

  get quietLimitMs(): number {
    return QUIET_LIMIT_MS
  }

  get isAnonymous(): boolean {
    return this.#collector === undefined
  }

  async receive(frame: Frame): Promise<void> {
    const message = decodeV1Message(frame.payload)
    const isJson = frame.payload[0] === JSON_FIRST_BYTE
    const collector = await this.#collectorOf(message)
    if (message.type === 'requestWork') {
      await this.#giveWork(collector)
      return
    }
    const done = this.#commit(collector, sampleOf(collector, frame.sentAtS, message))
    // A JSON sender waits for nothing, so hundreds of its samples go into one commit. A bincode sender waits for this reply.
    if (!isJson) {
      await done
      this.#peer.send(V1_REPLY.ack)
      return
    }
    done.catch((error: Error) =>
      this.#ingest.log('error', 'wire', `lost a sample of ${collector.id}: ${error.message}`),
    )
  }

  goaway(): void {
    this.#peer.end()
  }

  closed(): void {
    this.#isClosed = true
    if (this.#collector !== undefined) this.#ingest.fleet.disconnected(this.#collector.no, this.#presence)
  }

  async #collectorOf(message: V1Message): Promise<CollectorRecord> {
    const id = formatCollectorId(message.collector)
    if (this.#collector?.id === id) return this.#collector
    const { fleet } = this.#ingest
    const known = fleet.find(id)?.record
    const record =
      known ??
      (await admitCollector(this.#ingest, {
        id,
        name: `collector ${id.slice(0, 8)}`,
        protocol: 1,
        software: 'version 1',
        host: {},
        intervalMs: 1000,
      }))
    // One connection may carry several collectors' frames: nothing in the format forbids it.
    if (this.#collector !== undefined && !this.#isClosed) fleet.disconnected(this.#collector.no, this.#presence)
    this.#collector = record
    if (this.#isClosed) return record
    fleet.connected(record.no, this.#presence)
    return record
  }

  async #giveWork(collector: CollectorRecord): Promise<void> {
    const { store, clock } = this.#ingest
    const task = await store.takeTask(collector.no, ['waiting'], clock.wallMs())
    this.#peer.send(task?.kind === 'shutdown' ? V1_REPLY.shutdown : V1_REPLY.noWork)
  }

  /** Resolves once the sample is durable; rejects when it is given up. */
  #commit(collector: CollectorRecord, sample: V1Sample): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#ingest.commits.add({
        type: 'sample',
        sample,
        committed: (tick) => {
          this.#show(collector, tick)
          resolve()
        },
        refused: reject,
      })
    })
  }

  #show(collector: CollectorRecord, tick: StoredBatch | null): void {
    if (tick === null) return
    this.#ingest.fleet.committed(collector.no, this.#presence, 1, tick.lastMs)
    const { live } = this.#ingest
    if (!live.isWatched(collector.no)) return
    // Whoever watched before the first tick could not be told what it would hold.
    if (tick.seq === 0) live.schemaSaved(collector.no, V1_SCHEMA)
    live.publish(tick)
  }
}

function sampleOf(collector: CollectorRecord, sentAtS: number, message: V1SubmitData): V1Sample {
  const values: Record<string, number> = {
    cpu_used_ratio: message.averageCpuPercent / 100,
    memory_total_bytes: exactNumber(message.totalMemoryBytes),
    memory_used_bytes: exactNumber(message.usedMemoryBytes),
  }
  return {
    collectorNo: collector.no,
    wallMs: sentAtS * 1000,
    values: V1_SCHEMA.series.map(({ name }) => values[name] ?? Number.NaN),
  }
}

/** None for bytes beyond 2^53 - 1: no machine has them. */
function exactNumber(value: bigint): number {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : Number.NaN
}
