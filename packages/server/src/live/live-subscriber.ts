import type { Schema, SchemaId } from '@godwit/protocol'
import type { ServerMetrics } from '../metrics/server-metrics.ts'
import type { CollectorNo } from '../store/store.ts'
import { type LiveBatch, schemaNotice } from './live-message.ts'

/** What is used of a browser's WebSocket. */
export interface LiveConnection {
  /** Bytes that the browser has not taken yet. */
  readonly bufferedAmount: number
  send(data: string | Uint8Array): void
  ping(): void
  close(code: number, reason: string): void
  terminate(): void
}

/** What a browser is told before ticks of a collector come live. */
export interface LiveSource {
  /** The collector's state as text, or undefined when it is gone. */
  stateOf(collectorNo: CollectorNo): string | undefined
  /** The newest ticks, from a key tick on, as messages. */
  tailOf(collectorNo: CollectorNo): Promise<readonly LiveBatch[]>
  schemasOf(collectorNo: CollectorNo): Promise<readonly Schema[]>
  /** Told once a subscription. */
  report(message: string): void
}

export type LiveCounters = Pick<
  ServerMetrics,
  'liveSubscribers' | 'liveSubscriptions' | 'liveTicksSent' | 'liveDropped' | 'liveRefused' | 'liveTailFailures'
>

/**
 * waiting: for its turn to be loaded. loading: its tail is being read, and commits are held back behind it. live: commits
 * are sent as they come. lagging: commits are dropped; the tail is sent anew once the browser has taken what it was sent.
 */
type Phase =
  | { readonly name: 'waiting' | 'live' | 'lagging' }
  | { readonly name: 'loading'; readonly held: LiveBatch[]; heldBytes: number }

interface Subscription {
  readonly collectorNo: CollectorNo
  readonly collectorId: string
  readonly schemasSent: Set<SchemaId>
  /** Named by ticks, and not stored when it was looked for: whoever sent the ticks may never send them. */
  readonly schemasMissing: Set<SchemaId>
  phase: Phase
  reported: boolean
}

/** Over this a browser is too slow: its ticks are dropped. */
const MAX_BUFFERED_BYTES = 1_048_576
const DRAINED_BYTES = 65_536
/** Over this it is ended: what it was sent before it was too slow, and answers to its pings, must not pile up. */
const MAX_UNSENT_BYTES = 8_388_608
/** Of commits held back while one tail is read. */
const MAX_HELD_BYTES = 1_048_576

/** One browser on the live stream, with the collectors that it watches. */
export class LiveSubscriber {
  readonly #connection: LiveConnection
  readonly #source: LiveSource
  readonly #counters: LiveCounters
  readonly #subscriptions = new Map<CollectorNo, Subscription>()
  #loading = false
  #closed = false
  #awaitsPong = false

  constructor(connection: LiveConnection, source: LiveSource, counters: LiveCounters) {
    this.#connection = connection
    this.#source = source
    this.#counters = counters
  }

  watched(): CollectorNo[] {
    return [...this.#subscriptions.keys()]
  }

  watches(collectorNo: CollectorNo): boolean {
    return this.#subscriptions.has(collectorNo)
  }

  /** Its ticks come after the next `load`. */
  add(collectorNo: CollectorNo, collectorId: string): void {
    const phase: Phase = { name: 'waiting' }
    const [schemasSent, schemasMissing] = [new Set<SchemaId>(), new Set<SchemaId>()]
    const subscription = { collectorNo, collectorId, schemasSent, schemasMissing, phase, reported: false }
    this.#subscriptions.set(collectorNo, subscription)
    this.#counters.liveSubscriptions.value++
  }

  remove(collectorNo: CollectorNo): void {
    if (this.#subscriptions.delete(collectorNo)) this.#counters.liveSubscriptions.value--
  }

  /** Brings all that wait up to date, one after the other, so that one browser asks the store for one thing at a time. */
  async load(): Promise<void> {
    if (this.#loading) return
    this.#loading = true
    for (let next = this.#nextWaiting(); next !== undefined; next = this.#nextWaiting()) await this.#loadOne(next)
    this.#loading = false
  }

  /** A batch of a collector that it watches was committed. */
  offer(collectorNo: CollectorNo, batch: LiveBatch): void {
    const subscription = this.#subscriptions.get(collectorNo)
    if (subscription === undefined) return
    const { phase } = subscription
    switch (phase.name) {
      case 'waiting':
        // What is committed before the tail is read is in the tail.
        return
      case 'loading':
        phase.held.push(batch)
        phase.heldBytes += batch.bytes.length
        if (phase.heldBytes > MAX_HELD_BYTES) this.#drop(subscription, phase.held)
        return
      case 'live':
        this.#send(subscription, batch)
        return
      case 'lagging':
        this.#counters.liveDropped.value += batch.count
        return
    }
  }

  /** Sent at once only to who can take it: a load brings those that the tail needs. */
  offerSchema(collectorNo: CollectorNo, schema: Schema): void {
    const subscription = this.#subscriptions.get(collectorNo)
    if (subscription === undefined) return
    subscription.schemasMissing.delete(schema.id)
    const { name } = subscription.phase
    if (name === 'live' || name === 'loading') this.#sendSchema(subscription, schema)
  }

  /** Left out when the browser is too slow: it gets the state of then with its next tail. */
  notify(text: string): void {
    if (this.#isSlow()) return
    this.#connection.send(text)
  }

  /** Sends the tail to subscriptions that fell behind, if the browser has taken what it was sent. */
  async catchUp(): Promise<void> {
    if (this.#connection.bufferedAmount > MAX_UNSENT_BYTES) {
      this.#counters.liveRefused.add('slow')
      this.#connection.terminate()
      return
    }
    if (this.#connection.bufferedAmount > DRAINED_BYTES) return
    for (const subscription of this.#subscriptions.values()) {
      if (subscription.phase.name === 'lagging') subscription.phase = { name: 'waiting' }
    }
    await this.load()
  }

  /** Ends a connection of which nothing was heard since the last call. */
  probe(): void {
    if (this.#awaitsPong) {
      this.#counters.liveRefused.add('unresponsive')
      this.#connection.terminate()
      return
    }
    this.#awaitsPong = true
    this.#connection.ping()
  }

  heard(): void {
    this.#awaitsPong = false
  }

  close(code: number, reason: string): void {
    this.#connection.close(code, reason)
  }

  /** The connection is gone: nothing is sent any more. */
  closed(): void {
    this.#closed = true
    for (const collectorNo of this.watched()) this.remove(collectorNo)
  }

  #nextWaiting(): Subscription | undefined {
    return this.#subscriptions.values().find(({ phase }) => phase.name === 'waiting')
  }

  async #loadOne(subscription: Subscription): Promise<void> {
    const { collectorNo } = subscription
    const phase: Phase = { name: 'loading', held: [], heldBytes: 0 }
    subscription.phase = phase
    try {
      // Schemas after ticks: a tick's schema is saved before the tick, so all that the tail needs are there by then.
      const tail = await this.#source.tailOf(collectorNo)
      const schemas = await this.#source.schemasOf(collectorNo)
      if (this.#closed || this.#subscriptions.get(collectorNo) !== subscription) return
      // It fell behind meanwhile: there would be a hole after this tail, so a later one is sent in its place.
      if (subscription.phase !== phase) return
      this.#sendLoaded(subscription, phase.held, tail, schemas)
    } catch (error) {
      this.#counters.liveTailFailures.value++
      this.#reportOnce(subscription, error)
      subscription.phase = { name: 'lagging' }
    }
  }

  #sendLoaded(
    subscription: Subscription,
    held: readonly LiveBatch[],
    tail: readonly LiveBatch[],
    schemas: readonly Schema[],
  ): void {
    const state = this.#source.stateOf(subscription.collectorNo)
    if (state !== undefined) this.notify(state)
    subscription.phase = { name: 'live' }
    this.#sendNamed(subscription, [...tail, ...held], schemas)
    const inTail = new Set(tail.map((batch) => `${batch.run} ${batch.seq}`))
    const after = held.filter((batch) => !inTail.has(`${batch.run} ${batch.seq}`))
    for (const batch of [...tail, ...after]) this.offer(subscription.collectorNo, batch)
  }

  /** Of a collector's schemas those that the batches name: there may be many of old. */
  #sendNamed(subscription: Subscription, batches: readonly LiveBatch[], schemas: readonly Schema[]): void {
    const stored = new Map(schemas.map((schema) => [schema.id, schema]))
    for (const id of new Set(batches.flatMap((batch) => [...batch.schemas]))) {
      if (subscription.schemasSent.has(id)) continue
      const schema = stored.get(id)
      if (schema === undefined) subscription.schemasMissing.add(id)
      else this.#sendSchema(subscription, schema)
    }
  }

  #reportOnce(subscription: Subscription, error: unknown): void {
    if (subscription.reported) return
    subscription.reported = true
    this.#source.report(`the newest ticks of ${subscription.collectorId} cannot be read: ${String(error)}`)
  }

  #send(subscription: Subscription, batch: LiveBatch): void {
    if (this.#isSlow() || this.#lacksSchema(subscription, batch)) {
      this.#drop(subscription, [batch])
      return
    }
    this.#connection.send(batch.bytes)
    this.#counters.liveTicksSent.value += batch.count
  }

  #drop(subscription: Subscription, batches: readonly LiveBatch[]): void {
    for (const batch of batches) this.#counters.liveDropped.value += batch.count
    subscription.phase = { name: 'lagging' }
  }

  /** It went back to a schema of old, which the load of a tail brings. */
  #lacksSchema({ schemasSent, schemasMissing }: Subscription, { schemas }: LiveBatch): boolean {
    return schemas.values().some((id) => !schemasSent.has(id) && !schemasMissing.has(id))
  }

  #sendSchema(subscription: Subscription, schema: Schema): void {
    if (subscription.schemasSent.has(schema.id)) return
    if (this.#isSlow()) {
      this.#drop(subscription, [])
      return
    }
    subscription.schemasSent.add(schema.id)
    this.#connection.send(schemaNotice(subscription.collectorId, schema))
  }

  #isSlow(): boolean {
    return this.#connection.bufferedAmount > MAX_BUFFERED_BYTES
  }
}
