import {
  decodeV1Message,
  type Frame,
  formatCollectorId,
  V1_REPLY,
  type V1Message,
  type V1SubmitData,
} from '@godwit/protocol'
import type { CollectorRecord, StoredBatch, V1Sample } from '../store/store.ts'
import { V1_SCHEMA } from '../store/v1-schema.ts'
import { admitCollector, type Ingest } from './ingest.ts'
import type { Peer, Session } from './peer.ts'

const JSON_FIRST_BYTE = 0x7b

/** Version 1 collectors flush about once a second, but say nothing of it. */
const ASSUMED_FLUSH_MS = 10_000
const RETRY_MS = 1000
/** Then the sample is given up, counted, and the connection closed: a store that is away for longer must not fill the memory. */
const MAX_TRIES = 30

/**
 * One connection of a version 1 collector (docs/wire-format.md, "Version 1"). Each bincode frame gets exactly one reply, in order,
 * a sample's only once it is durable. JSON samples get none: their senders close without reading, and a reply that nobody read makes
 * their kernel reset the connection and throw away what they sent last.
 */
export class V1Session implements Session {
  readonly #ingest: Ingest
  readonly #peer: Peer
  #collector: CollectorRecord | undefined
  #isClosed = false

  constructor(ingest: Ingest, peer: Peer) {
    this.#ingest = ingest
    this.#peer = peer
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
    const settled = done.catch((error: Error) =>
      this.#ingest.log('error', 'wire', `lost a sample of ${collector.id}: ${error.message}`),
    )
    // What waits to be tried again is in no queue: reading on would let it grow without a bound.
    if (this.#ingest.commits.isFailing) await settled
  }

  goaway(): void {
    this.#peer.end()
  }

  closed(): void {
    this.#isClosed = true
    if (this.#collector !== undefined) this.#ingest.fleet.disconnected(this.#collector.no)
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
    if (this.#collector !== undefined && !this.#isClosed) fleet.disconnected(this.#collector.no)
    this.#collector = record
    if (this.#isClosed) return record
    fleet.connected(record.no, ASSUMED_FLUSH_MS, null)
    return record
  }

  async #giveWork(collector: CollectorRecord): Promise<void> {
    const { store, clock } = this.#ingest
    const task = await store.takeTask(collector.no, clock.wallMs())
    this.#peer.send(task?.kind === 'shutdown' ? V1_REPLY.shutdown : V1_REPLY.noWork)
  }

  /** Resolves once the sample is durable. A store that can't take it now is asked again: this sender can't be told "later". */
  #commit(collector: CollectorRecord, sample: V1Sample): Promise<void> {
    const { commits, clock } = this.#ingest
    return new Promise((resolve, reject) => {
      let tries = 0
      const add = (): void =>
        commits.add({
          type: 'sample',
          sample,
          committed: (tick) => {
            this.#show(collector, tick)
            resolve()
          },
          refused: (error) => {
            tries++
            if (tries === MAX_TRIES) reject(error)
            else clock.setTimer(RETRY_MS, add)
          },
        })
      add()
    })
  }

  #show(collector: CollectorRecord, tick: StoredBatch | null): void {
    if (tick === null) return
    this.#ingest.fleet.committed(collector.no, 1, tick.lastMs)
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
