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
  formatRun,
  type Hello,
  isFromCollector,
  LIMITS,
  type Message,
  ProtocolError,
  type RunRange,
  type SchemaId,
  schemaIdOf,
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
/** A collector that flushes seldom is quiet in between. */
const MIN_QUIET_LIMIT_MS = 300_000

/** A session brings one when devices come or go. Each costs a decode on the thread that serves everybody. */
const MAX_NEW_SCHEMAS = 64

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
  #condemned: ProtocolError | undefined
  /** Schemas of the collector that are stored; a session may bring only so many. */
  #knownSchemas = new Set<SchemaId>()
  #newSchemas = 0

  constructor(ingest: Ingest, peer: Peer) {
    this.#ingest = ingest
    this.#peer = peer
  }

  get isAnonymous(): boolean {
    return this.#state.name === 'waiting'
  }

  get quietLimitMs(): number {
    const flushMs = this.#state.name === 'streaming' ? this.#state.presence.flushMs : 0
    return Math.max(MIN_QUIET_LIMIT_MS, 3 * flushMs + 60_000)
  }

  get runs(): readonly number[] {
    return this.#state.name === 'streaming' ? this.#state.runs : []
  }

  receive(frame: Frame): Promise<void> | undefined {
    if (this.#condemned !== undefined) throw this.#condemned
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
    const runs = runsOf(hello)
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
    this.#knownSchemas = new Set(known)
    const presence = { flushMs: hello.flushMs, backlogTicks: missingTicks(hello.runs, have) }
    this.#state = { name: 'streaming', collector, runs, presence }
    fleet.connected(collector.no, presence)
    sessions.enter(collector.no, this)
    this.#send({
      type: 'welcome',
      serverMs: clock.wallMs(),
      have: haveOfRuns(runs, have),
      wants: hello.schemas.filter((id) => !this.#knownSchemas.has(id)),
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
    if (outcome === 'fragmented') {
      this.#condemn(new ProtocolError('RUN_FRAGMENTED', { run: formatRun(batch.run), seq: batch.seq }))
      return
    }
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
    const sha256 = (input: Uint8Array): Uint8Array => hash('sha256', input, 'buffer')
    // Decoding costs far more than looking: a repeated schema is not worth it.
    if (this.#knownSchemas.has(schemaIdOf(bytes, sha256))) return
    this.#newSchemas++
    if (this.#newSchemas > MAX_NEW_SCHEMAS) throw new ProtocolError('MESSAGE_UNEXPECTED', { schemas: this.#newSchemas })
    const schema = decodeSchema(bytes, sha256)
    this.#knownSchemas.add(schema.id)
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

  /** What the store found wrong with a frame is told to the listener with the next one, and no ack comes before. */
  #condemn(error: ProtocolError): void {
    this.#condemned ??= error
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

/** Throws MESSAGE_MALFORMED for a run that stands there twice, or is that of version 1. */
function runsOf(hello: Hello): number[] {
  const runs = hello.runs.map(({ run }) => run)
  if (new Set(runs).size !== runs.length) throw new ProtocolError('MESSAGE_MALFORMED', { field: 'runs' })
  // A forged seq in this run would leave no number for the next version 1 sample, and fail each commit that holds one.
  if (runs.includes(V1_RUN)) throw new ProtocolError('MESSAGE_MALFORMED', { field: 'runs', run: V1_RUN })
  return runs
}

function haveOfRuns(
  runs: readonly number[],
  have: readonly HaveRange[],
): { runIndex: number; lo: number; hi: number }[] {
  const indexes = new Map(runs.map((run, index) => [run, index]))
  return have.map(({ run, lo, hi }) => ({ runIndex: indexes.get(run) as number, lo, hi }))
}

function missingTicks(held: readonly RunRange[], have: readonly HaveRange[]): number {
  const byRun = new Map(held.map((range) => [range.run, range]))
  let missing = held.reduce((sum, { lo, hi }) => sum + hi - lo + 1, 0)
  for (const { run, lo, hi } of have) {
    const range = byRun.get(run) as RunRange
    missing -= Math.max(0, Math.min(range.hi, hi) - Math.max(range.lo, lo) + 1)
  }
  return missing
}
