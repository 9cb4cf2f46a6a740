import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import {
  type AckedRange,
  type BatchMessage,
  decodeMessage,
  decodeSchema,
  encodeFrame,
  encodeMessage,
  type Frame,
  type FromCollector,
  formatCollectorId,
  type Hello,
  isFromCollector,
  LIMITS,
  type Message,
  ProtocolError,
  type RunRange,
  type SchemaId,
  type TaskResult,
} from '@godwit/protocol'
import { isRetryable } from '../errors.ts'
import type { Presence } from '../fleet/fleet.ts'
import type { CollectorRecord, CommitOutcome, HaveRange, StoredBatch, TaskState } from '../store/store.ts'
import { V1_RUN } from '../store/v1-schema.ts'
import { admitCollector, type Ingest } from './ingest.ts'
import type { Peer, Session } from './peer.ts'
import type { StreamingSession } from './session-directory.ts'

/** While somebody watches a collector, its ticks come as they are taken. */
export const WATCHED_FLUSH_MS = 1000

const BUSY_RETRY_MS = 2000

type State =
  | { readonly name: 'waiting' }
  | {
      readonly name: 'streaming'
      readonly collector: CollectorRecord
      readonly runs: readonly number[]
      readonly presence: Presence
    }
  | { readonly name: 'closed' }

/** One connection of a version 2 collector: Hello and Welcome, then batches and acks, until either side leaves. */
export class V2Session implements Session, StreamingSession {
  readonly #ingest: Ingest
  readonly #peer: Peer
  #state: State = { name: 'waiting' }
  #acks: AckedRange[] = []
  #isBusyDue = false

  constructor(ingest: Ingest, peer: Peer) {
    this.#ingest = ingest
    this.#peer = peer
  }

  get isAnonymous(): boolean {
    return this.#state.name === 'waiting'
  }

  get runs(): readonly number[] {
    return this.#state.name === 'streaming' ? this.#state.runs : []
  }

  receive(frame: Frame): Promise<void> | undefined {
    const message = decodeMessage(frame.payload, frame.sentAtS)
    if (!isFromCollector(message)) throw new ProtocolError('MESSAGE_UNEXPECTED', { message: message.type })
    const state = this.#state
    switch (state.name) {
      case 'waiting':
        if (message.type !== 'hello') throw new ProtocolError('MESSAGE_UNEXPECTED', { message: message.type })
        return this.#greet(message)
      case 'streaming':
        return this.#receiveStreaming(message, state)
      case 'closed':
        return undefined
    }
  }

  pace(flushMs: number): void {
    this.#send({ type: 'pace', flushMs })
  }

  taskAdded(): void {
    if (this.#state.name !== 'streaming') return
    this.#sendTask(this.#state.collector).catch((error: Error) => this.#ingest.log('warn', 'task', error.message))
  }

  superseded(): void {
    this.#leave('superseded by a newer connection of the same run', 0)
  }

  goaway(retryAfterMs: number): void {
    this.#leave('the server stops', retryAfterMs)
  }

  closed(): void {
    const state = this.#state
    this.#state = { name: 'closed' }
    if (state.name !== 'streaming') return
    this.#ingest.sessions.leave(state.collector.no, this)
    this.#ingest.fleet.disconnected(state.collector.no, state.presence)
  }

  async #greet(hello: Hello): Promise<void> {
    const { store, fleet, sessions, live, clock } = this.#ingest
    const runs = hello.runs.map(({ run }) => run)
    // A forged seq in this run would leave no number for the next version 1 sample, and fail each commit that holds one.
    if (runs.includes(V1_RUN)) throw new ProtocolError('MESSAGE_MALFORMED', { field: 'runs', run: V1_RUN })
    const collector = await admitCollector(this.#ingest, {
      id: formatCollectorId(hello.collector),
      name: hello.name,
      protocol: 2,
      software: hello.software,
      host: hello.host,
      intervalMs: hello.intervalMs,
    })
    const [have, known] = await Promise.all([store.have(collector.no, runs), store.schemaIds(collector.no)])
    // The connection may have gone while the store answered.
    if (this.#state.name === 'closed') return
    const presence = { flushMs: hello.flushMs, backlogTicks: missingTicks(hello.runs, have) }
    this.#state = { name: 'streaming', collector, runs, presence }
    fleet.connected(collector.no, presence)
    sessions.enter(collector.no, this)
    this.#send({
      type: 'welcome',
      serverMs: clock.wallMs(),
      have: haveOfRuns(hello.runs, have),
      wants: hello.schemas.filter((id: SchemaId) => !known.includes(id)),
      flushMs: live.isWatched(collector.no) ? WATCHED_FLUSH_MS : 0,
    })
    // What was sent to a connection that broke may never have arrived: by its id the collector knows a repeated one.
    await this.#sendTask(collector, ['waiting', 'sent'])
  }

  #receiveStreaming(message: FromCollector, state: State & { name: 'streaming' }): Promise<void> | undefined {
    switch (message.type) {
      case 'batch':
        this.#receiveBatch(message, state)
        return undefined
      case 'schema':
        return this.#saveSchema(message.bytes, state.collector)
      case 'taskResult':
        return this.#finishTask(message, state.collector)
      case 'bye':
        this.#peer.end()
        return undefined
      case 'hello':
        throw new ProtocolError('MESSAGE_UNEXPECTED', { message: message.type })
    }
  }

  // Fast path: once a batch.
  #receiveBatch(message: BatchMessage, state: State & { name: 'streaming' }): void {
    const { runIndex, seq, count, firstWallMs, lastWallMs, ticks } = message
    const run = state.runs[runIndex]
    if (run === undefined) throw new ProtocolError('BATCH_MALFORMED', { runIndex, runs: state.runs.length })
    const { collector, presence } = state
    const batch: StoredBatch = {
      collectorNo: collector.no,
      run,
      seq,
      count,
      firstMs: firstWallMs,
      lastMs: lastWallMs,
      ticks,
    }
    this.#ingest.commits.add({
      type: 'batch',
      batch,
      committed: (outcome) => this.#committed(collector, presence, batch, runIndex, outcome),
      refused: (error) => this.#refused(error),
    })
  }

  #committed(
    collector: CollectorRecord,
    presence: Presence,
    batch: StoredBatch,
    runIndex: number,
    outcome: CommitOutcome,
  ): void {
    const { fleet, live } = this.#ingest
    this.#ack({ runIndex, seq: batch.seq, count: batch.count })
    if (outcome === 'duplicate') return
    fleet.committed(collector.no, presence, batch.count, batch.lastMs)
    if (live.isWatched(collector.no)) live.publish(batch)
  }

  /** All acks of one commit group go out in one frame. */
  #ack(range: AckedRange): void {
    const last = this.#acks.at(-1)
    if (last !== undefined && last.runIndex === range.runIndex && last.seq + last.count === range.seq) {
      this.#acks[this.#acks.length - 1] = { ...last, count: last.count + range.count }
      return
    }
    this.#acks.push(range)
    if (this.#acks.length === 1) queueMicrotask(() => this.#sendAcks())
  }

  #sendAcks(): void {
    const ranges = this.#acks
    this.#acks = []
    for (let at = 0; at < ranges.length; at += LIMITS.ackRanges) {
      this.#send({ type: 'ack', ranges: ranges.slice(at, at + LIMITS.ackRanges) })
    }
  }

  /** Whatever the cause, the collector keeps the batch and sends it again; only the wait differs. One Busy serves a whole group. */
  #refused(error: Error): void {
    if (this.#isBusyDue) return
    this.#isBusyDue = true
    queueMicrotask(() => {
      this.#isBusyDue = false
      this.#send({ type: 'busy', retryAfterMs: isRetryable(error) ? BUSY_RETRY_MS : 10 * BUSY_RETRY_MS })
    })
  }

  async #saveSchema(bytes: Uint8Array, collector: CollectorRecord): Promise<void> {
    const schema = decodeSchema(bytes, (input) => hash('sha256', input, 'buffer'))
    await this.#ingest.store.saveSchema(collector.no, schema)
    this.#ingest.live.schemaSaved(collector.no, schema)
  }

  async #sendTask(collector: CollectorRecord, states: readonly TaskState[] = ['waiting']): Promise<void> {
    const { store, clock } = this.#ingest
    const task = await store.takeTask(collector.no, states, clock.wallMs())
    if (task !== null) this.#send({ type: 'task', id: task.id, kind: task.kind })
  }

  async #finishTask({ id, outcome, detail }: TaskResult, collector: CollectorRecord): Promise<void> {
    await this.#ingest.store.finishTask(collector.no, id, outcome, detail, this.#ingest.clock.wallMs())
    await this.#sendTask(collector)
  }

  #leave(reason: string, retryAfterMs: number): void {
    this.#send({ type: 'goaway', retryAfterMs, reason })
    this.closed()
    this.#peer.end()
  }

  #send(message: Message): void {
    if (this.#state.name === 'closed') return
    const sentAtS = Math.floor(this.#ingest.clock.wallMs() / 1000)
    this.#peer.send(encodeFrame(2, sentAtS, encodeMessage(message, sentAtS), crc32))
  }
}

function haveOfRuns(
  runs: readonly RunRange[],
  have: readonly HaveRange[],
): { runIndex: number; lo: number; hi: number }[] {
  return have
    .map(({ run, lo, hi }) => ({ runIndex: runs.findIndex((held) => held.run === run), lo, hi }))
    .filter(({ runIndex, hi }) => runIndex !== -1 && hi >= (runs[runIndex] as RunRange).lo)
    .slice(-MAX_HAVE_RANGES)
}

/** The newest ones: what is left out is sent again and found to be a duplicate. */
const MAX_HAVE_RANGES = 1024

function missingTicks(runs: readonly RunRange[], have: readonly HaveRange[]): number {
  let missing = 0
  for (const held of runs) {
    missing += held.hi - held.lo + 1
    for (const range of have) {
      if (range.run !== held.run) continue
      missing -= Math.max(0, Math.min(range.hi, held.hi) - Math.max(range.lo, held.lo) + 1)
    }
  }
  return missing
}
