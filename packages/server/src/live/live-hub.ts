import { parseCollectorId, type Schema } from '@godwit/protocol'
import type { Clock } from '../clock.ts'
import type { CollectorStatus, Fleet } from '../fleet/fleet.ts'
import type { Log } from '../log.ts'
import type { CollectorNo, StoredBatch } from '../store/store.ts'
import { encodeLiveBatch, stateNotice, unknownNotice } from './live-message.ts'
import { type LiveConnection, type LiveCounters, type LiveSource, LiveSubscriber } from './live-subscriber.ts'
import { parseSubscribeRequest } from './subscribe-request.ts'

export interface LiveHubOptions {
  readonly fleet: Pick<Fleet, 'find'>
  /** The newest batches of the collector in order of run and seq, from a key tick on; empty if there are none. */
  readonly tailOf: (collectorNo: CollectorNo) => Promise<readonly StoredBatch[]>
  readonly schemasOf: (collectorNo: CollectorNo) => Promise<readonly Schema[]>
  readonly clock: Clock
  readonly counters: LiveCounters
  readonly log: Log
}

/** The events of one connection go here. */
export interface LiveSession {
  receive(text: string): void
  /** Something was heard from the browser. */
  heard(): void
  closed(): void
}

interface Watched {
  readonly collectorId: string
  readonly idBytes: Uint8Array
  readonly subscribers: Set<LiveSubscriber>
  shownState: string
  /** Runs once nobody watches any more. */
  unwatchTimer: Disposable | undefined
}

type WatchedListener = (collectorNo: CollectorNo, watched: boolean) => void

const MAX_CONNECTIONS = 1000
const CHECK_INTERVAL_MS = 1000
/** A page that is loaded again, or a filter that is typed, must not tell collectors to change their pace each time. */
const UNWATCH_DELAY_MS = 2000
/** A browser that went away without a word is noticed after two of them. */
const CHECKS_PER_PROBE = 60

const POLICY_VIOLATION = 1008
const TRY_AGAIN_LATER = 1013
const GOING_AWAY = 1001

/** Sends what is committed to the browsers that watch it. They get the committed bytes; nothing is decoded here. */
export class LiveHub {
  readonly #options: LiveHubOptions
  readonly #source: LiveSource
  readonly #watched = new Map<CollectorNo, Watched>()
  readonly #subscribers = new Set<LiveSubscriber>()
  readonly #watchedListeners: WatchedListener[] = []
  #timer: Disposable | undefined
  #checks = 0
  #closing = false

  constructor(options: LiveHubOptions) {
    this.#options = options
    this.#source = {
      stateOf: (collectorNo) => this.#stateOf(collectorNo),
      tailOf: (collectorNo) => this.#tailOf(collectorNo),
      schemasOf: options.schemasOf,
      report: (message) => options.log('warn', 'live', message),
    }
  }

  /** Calls back when the first browser begins to watch a collector, and two seconds after the last one stopped. */
  onWatchedChange(listener: WatchedListener): void {
    this.#watchedListeners.push(listener)
  }

  // Fast path: asked for every committed batch.
  isWatched(collectorNo: CollectorNo): boolean {
    return this.#watched.has(collectorNo)
  }

  /** A batch is on the disk. Copies what it needs of it. */
  publish(batch: StoredBatch): void {
    const watched = this.#watched.get(batch.collectorNo)
    if (watched === undefined || watched.subscribers.size === 0) return
    const message = encodeLiveBatch(watched.idBytes, batch)
    for (const subscriber of watched.subscribers) subscriber.offer(batch.collectorNo, message)
  }

  /** A schema of the collector was saved; to be called before ticks of it are published. */
  schemaSaved(collectorNo: CollectorNo, schema: Schema): void {
    const watched = this.#watched.get(collectorNo)
    if (watched === undefined) return
    for (const subscriber of watched.subscribers) subscriber.offerSchema(collectorNo, schema)
  }

  /** Takes over an open connection; undefined, with the connection closed, when there are too many. */
  accept(connection: LiveConnection): LiveSession | undefined {
    const { counters } = this.#options
    if (this.#closing || this.#subscribers.size >= MAX_CONNECTIONS) {
      counters.liveRefused.add('too-many')
      connection.close(TRY_AGAIN_LATER, 'too many live connections')
      return undefined
    }
    const subscriber = new LiveSubscriber(connection, this.#source, counters)
    this.#subscribers.add(subscriber)
    counters.liveSubscribers.value = this.#subscribers.size
    this.#scheduleCheck()
    return {
      receive: (text) => this.#receive(subscriber, text),
      heard: () => subscriber.heard(),
      closed: () => this.#forget(subscriber),
    }
  }

  /** Closes every connection; none is accepted any more. */
  close(): void {
    this.#closing = true
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
    for (const { unwatchTimer } of this.#watched.values()) unwatchTimer?.[Symbol.dispose]()
    for (const subscriber of this.#subscribers) subscriber.close(GOING_AWAY, 'the server stops')
  }

  #receive(subscriber: LiveSubscriber, text: string): void {
    // A message may have been on its way when the connection closed.
    if (!this.#subscribers.has(subscriber)) return
    subscriber.heard()
    const request = parseSubscribeRequest(text)
    if ('refused' in request) {
      this.#options.counters.liveRefused.add('malformed')
      subscriber.close(POLICY_VIOLATION, request.refused)
      return
    }
    this.#subscribe(subscriber, request.collectorIds)
  }

  #subscribe(subscriber: LiveSubscriber, collectorIds: ReadonlySet<string>): void {
    const wanted = new Map<CollectorNo, CollectorStatus>()
    for (const id of collectorIds) {
      const status = this.#options.fleet.find(id)
      if (status === undefined) subscriber.notify(unknownNotice(id))
      else wanted.set(status.record.no, status)
    }
    for (const collectorNo of subscriber.watched()) {
      if (!wanted.has(collectorNo)) this.#unwatch(subscriber, collectorNo)
    }
    for (const [collectorNo, status] of wanted) {
      if (!subscriber.watches(collectorNo)) this.#watch(subscriber, status)
    }
    void subscriber.load()
  }

  #watch(subscriber: LiveSubscriber, status: CollectorStatus): void {
    const { no, id } = status.record
    const known = this.#watched.get(no)
    subscriber.add(no, id)
    if (known !== undefined) {
      known.unwatchTimer?.[Symbol.dispose]()
      known.unwatchTimer = undefined
      known.subscribers.add(subscriber)
      return
    }
    const idBytes = parseCollectorId(id)
    this.#watched.set(no, {
      collectorId: id,
      idBytes,
      subscribers: new Set([subscriber]),
      shownState: shownStateOf(status),
      unwatchTimer: undefined,
    })
    this.#tellWatched(no, true)
  }

  #unwatch(subscriber: LiveSubscriber, collectorNo: CollectorNo): void {
    subscriber.remove(collectorNo)
    const watched = this.#watched.get(collectorNo)
    if (watched === undefined) return
    watched.subscribers.delete(subscriber)
    if (watched.subscribers.size > 0 || this.#closing) return
    watched.unwatchTimer ??= this.#options.clock.setTimer(UNWATCH_DELAY_MS, () => {
      this.#watched.delete(collectorNo)
      this.#tellWatched(collectorNo, false)
    })
  }

  #forget(subscriber: LiveSubscriber): void {
    if (!this.#subscribers.delete(subscriber)) return
    for (const collectorNo of subscriber.watched()) this.#unwatch(subscriber, collectorNo)
    subscriber.closed()
    this.#options.counters.liveSubscribers.value = this.#subscribers.size
  }

  #tellWatched(collectorNo: CollectorNo, watched: boolean): void {
    for (const listener of this.#watchedListeners) listener(collectorNo, watched)
  }

  /** Runs while somebody is connected. */
  #scheduleCheck(): void {
    this.#timer ??= this.#options.clock.setTimer(CHECK_INTERVAL_MS, () => {
      this.#timer = undefined
      this.#check()
      if (this.#subscribers.size > 0) this.#scheduleCheck()
    })
  }

  #check(): void {
    for (const watched of this.#watched.values()) this.#showState(watched)
    const isProbe = ++this.#checks % CHECKS_PER_PROBE === 0
    for (const subscriber of this.#subscribers) {
      if (isProbe) subscriber.probe()
      void subscriber.catchUp()
    }
  }

  #showState(watched: Watched): void {
    const status = this.#options.fleet.find(watched.collectorId)
    if (status === undefined || shownStateOf(status) === watched.shownState) return
    watched.shownState = shownStateOf(status)
    const text = stateNotice(status)
    for (const subscriber of watched.subscribers) subscriber.notify(text)
  }

  #stateOf(collectorNo: CollectorNo): string | undefined {
    const watched = this.#watched.get(collectorNo)
    const status = watched && this.#options.fleet.find(watched.collectorId)
    return status && stateNotice(status)
  }

  async #tailOf(collectorNo: CollectorNo): Promise<ReturnType<typeof encodeLiveBatch>[]> {
    const tail = await this.#options.tailOf(collectorNo)
    const watched = this.#watched.get(collectorNo)
    return watched === undefined ? [] : tail.map((batch) => encodeLiveBatch(watched.idBytes, batch))
  }
}

/** What of a collector is worth a notice when it changes; its last tick is not: the ticks themselves tell that. */
function shownStateOf({ state, connected, backlogTicks }: CollectorStatus): string {
  return `${state} ${connected} ${backlogTicks}`
}
