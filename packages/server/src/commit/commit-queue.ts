import type { Clock } from '../clock.ts'
import type { CommitOutcome, CommitResult, Store, StoredBatch, V1Sample } from '../store/store.ts'

/** What came from a connection and waits to be committed; told what became of it. */
export type CommitItem = BatchItem | SampleItem

export interface BatchItem {
  readonly type: 'batch'
  readonly batch: StoredBatch
  /** On the disk, now or before. */
  committed(outcome: CommitOutcome): void
  /** Not stored, and it will not be: the sender must send it again. */
  refused(error: Error): void
}

export interface SampleItem {
  readonly type: 'sample'
  readonly sample: V1Sample
  /** The tick that it became; null if it was stored before. */
  committed(tick: StoredBatch | null): void
  /** It could not be stored in many tries, or before the queue was drained. Its sender will not send it again. */
  refused(error: Error): void
}

/** One group that is on the disk. */
export interface CommitSummary {
  readonly batches: number
  readonly duplicateBatches: number
  readonly samples: number
  readonly duplicateSamples: number
  /** Ticks of batches that were not duplicates, and of samples. */
  readonly ticks: number
  readonly durationMs: number
}

/** What the queue tells its owner; called once a group. */
export interface CommitObserver {
  groupCommitted(summary: CommitSummary): void
  groupFailed(error: Error): void
  /** A sample is given up, with the error of its last try. */
  sampleLost(error: Error): void
  /** A bug of ours: an item's callback threw. */
  callbackFailed(error: unknown): void
}

export interface CommitQueueOptions {
  /** How long the first item of a group waits for others. */
  readonly gatherMs: number
  /** A group this large goes at once. */
  readonly groupBytes: number
  /** Bytes that may wait before `isFull`. */
  readonly capacityBytes: number
  /** After a failed commit, when its samples are tried again. */
  readonly retryMs: number
  /** How often a sample is tried. */
  readonly sampleTries: number
}

const COMMIT_DEFAULTS: CommitQueueOptions = {
  gatherMs: 20,
  groupBytes: 1024 * 1024,
  capacityBytes: 16 * 1024 * 1024,
  retryMs: 1000,
  sampleTries: 30,
}

/** An item is never free: this much is counted for it besides its bytes. */
const ITEM_BYTES = 200

/**
 * Gathers what arrives from all connections and commits it in groups: one transaction, one fsync, then the acks. While one group
 * is being committed the next one gathers, so at most one is in the store at a time. When a commit fails, batches are refused, as their
 * senders keep them; samples stay here and are tried again, as theirs cannot be told to.
 */
export class CommitQueue {
  readonly #store: Pick<Store, 'commit'>
  readonly #clock: Clock
  readonly #observer: CommitObserver
  readonly #options: CommitQueueOptions
  #items: CommitItem[] = []
  #gatheredBytes = 0
  #committingBytes = 0
  #timer: Disposable | undefined
  #committing: Promise<void> | undefined
  #waitingForRoom: (() => void)[] = []
  /** Samples of failed commits that wait to be tried again. */
  #retries: SampleItem[] = []
  /** How often the samples that failed were tried. */
  readonly #tries = new Map<SampleItem, number>()
  #retryTimer: Disposable | undefined
  #isDraining = false

  constructor(
    store: Pick<Store, 'commit'>,
    clock: Clock,
    observer: CommitObserver,
    options: Partial<CommitQueueOptions> = {},
  ) {
    this.#store = store
    this.#clock = clock
    this.#observer = observer
    this.#options = { ...COMMIT_DEFAULTS, ...options }
  }

  get waitingBytes(): number {
    return this.#gatheredBytes + this.#committingBytes + this.#retries.length * ITEM_BYTES
  }

  /** Whoever reads from a connection stops reading while this is so. */
  get isFull(): boolean {
    return this.waitingBytes >= this.#options.capacityBytes
  }

  /** Takes the item whether or not the queue is full. Keeps the bytes of a batch until it is committed. */
  add(item: CommitItem): void {
    this.#items.push(item)
    this.#gatheredBytes += ITEM_BYTES + (item.type === 'batch' ? item.batch.ticks.length : 0)
    if (this.#committing !== undefined) return
    if (this.#gatheredBytes >= this.#options.groupBytes) this.#commitGathered()
    else this.#timer ??= this.#clock.setTimer(this.#options.gatherMs, () => this.#commitGathered())
  }

  /** Calls back once, when a full queue has room again. */
  whenRoom(callback: () => void): void {
    this.#waitingForRoom.push(callback)
  }

  /** Commits all that waits; a sample that fails now is tried once more. Nothing may be added from now on. */
  async drain(): Promise<void> {
    this.#isDraining = true
    for (;;) {
      this.#gatherRetries()
      if (this.#committing === undefined) return
      await this.#committing
    }
  }

  #commitGathered(): void {
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
    const items = this.#items
    this.#items = []
    this.#committingBytes = this.#gatheredBytes
    this.#gatheredBytes = 0
    this.#committing = this.#commit(items).finally(() => {
      this.#committing = undefined
      this.#committingBytes = 0
      // What gathered while this group was written has waited long enough.
      if (this.#items.length > 0) this.#commitGathered()
      if (!this.isFull) this.#callWaiting()
    })
  }

  #callWaiting(): void {
    const callbacks = this.#waitingForRoom
    this.#waitingForRoom = []
    for (const callback of callbacks) callback()
  }

  async #commit(items: readonly CommitItem[]): Promise<void> {
    const batches = items.filter((item) => item.type === 'batch')
    const samples = items.filter((item) => item.type === 'sample')
    const startMs = this.#clock.monoMs()
    const result = await this.#store
      .commit({ batches: batches.map(({ batch }) => batch), samples: samples.map(({ sample }) => sample) })
      .catch((error: Error) => error)
    if (result instanceof Error) {
      this.#observer.groupFailed(result)
      for (const item of batches) this.#tell(() => item.refused(result))
      for (const item of samples) this.#retryLater(item, result)
      return
    }
    this.#observer.groupCommitted(summaryOf(batches, result, this.#clock.monoMs() - startMs))
    batches.forEach((item, i) => this.#tell(() => item.committed(result.batches[i] as CommitOutcome)))
    samples.forEach((item, i) => this.#tell(() => item.committed(result.samples[i] ?? null)))
    for (const item of samples) this.#tries.delete(item)
  }

  #retryLater(item: SampleItem, error: Error): void {
    const tries = (this.#tries.get(item) ?? 0) + 1
    if (tries >= (this.#isDraining ? 2 : this.#options.sampleTries)) {
      this.#tries.delete(item)
      this.#observer.sampleLost(error)
      this.#tell(() => item.refused(error))
      return
    }
    this.#tries.set(item, tries)
    this.#retries.push(item)
    this.#retryTimer ??= this.#clock.setTimer(this.#options.retryMs, () => this.#gatherRetries())
  }

  #gatherRetries(): void {
    this.#retryTimer?.[Symbol.dispose]()
    this.#retryTimer = undefined
    this.#items.push(...this.#retries)
    this.#gatheredBytes += this.#retries.length * ITEM_BYTES
    this.#retries = []
    if (this.#items.length > 0 && this.#committing === undefined) this.#commitGathered()
  }

  /** One item's bug must not keep the others from being told. */
  #tell(call: () => void): void {
    try {
      call()
    } catch (error) {
      this.#observer.callbackFailed(error)
    }
  }
}

function summaryOf(batches: readonly BatchItem[], result: CommitResult, durationMs: number): CommitSummary {
  let ticks = 0
  let duplicateBatches = 0
  for (let i = 0; i < batches.length; i++) {
    if (result.batches[i] !== 'stored') duplicateBatches++
    else ticks += (batches[i] as BatchItem).batch.count
  }
  const samples = result.samples.length
  const duplicateSamples = result.samples.filter((tick) => tick === null).length
  ticks += samples - duplicateSamples
  return { batches: batches.length, duplicateBatches, samples, duplicateSamples, ticks, durationMs }
}
