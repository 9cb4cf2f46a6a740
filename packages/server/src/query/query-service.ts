import { Worker } from 'node:worker_threads'
import type { Schema } from '@godwit/protocol'
import type { Clock } from '../clock.ts'
import { ServerError } from '../errors.ts'
import { errorOf } from '../store/failure.ts'
import type { CollectorNo, StoredBatch } from '../store/store.ts'
import type { Completeness, RunSummary, TimeSpan } from '../store/store-reader.ts'
import type { RangeRequest } from './range-query.ts'
import type { ReaderCall, ReaderReply, ReaderRequest } from './reader-protocol.ts'
import type { ExportFormat } from './tick-export.ts'
import type { TimeRange } from './time-range.ts'

export interface QueryServiceOptions {
  readonly dataDir: string
  /** Of reader-worker, in source or bundled. */
  readonly workerUrl: URL
  readonly clock: Pick<Clock, 'setTimer'>
}

interface Pending {
  resolve(value: unknown): void
  reject(error: Error): void
}

/** A reader thread and what it was asked and has not answered. */
interface Thread {
  readonly worker: Worker
  readonly pending: Map<number, Pending>
}

/** The first query after a long quiet must not have to index all that came since. */
const REFRESH_INTERVAL_MS = 10_000

/**
 * Asks the reader thread. Every method rejects with a ServerError: its own codes are those of range-query.ts and of the
 * store's reader, and QUERY_FAILED for a fault of ours; a range or its gaps that take too long are RANGE_INVALID. STORE_FAILED
 * if the thread died, and then the next call starts another.
 */
export class QueryService {
  readonly #options: QueryServiceOptions
  #thread: Thread | undefined
  #nextId = 1
  #timer: Disposable | undefined
  #isClosed = false

  constructor(options: QueryServiceOptions) {
    this.#options = options
    this.#scheduleRefresh()
  }

  /** The JSON of the answer, UTF-8. */
  range(collectorNo: CollectorNo, request: RangeRequest): Promise<Uint8Array> {
    return this.#call({ method: 'range', collectorNo, request }) as Promise<Uint8Array>
  }

  /** The JSON of an array of Gap, UTF-8; at most MAX_GAPS. */
  gaps(collectorNo: CollectorNo, range: TimeRange): Promise<Uint8Array> {
    return this.#call({ method: 'gaps', collectorNo, range }) as Promise<Uint8Array>
  }

  /** The schema of the newest tick; null if no tick is stored. */
  newestSchema(collectorNo: CollectorNo): Promise<Schema | null> {
    return this.#call({ method: 'newestSchema', collectorNo }) as Promise<Schema | null>
  }

  /** Those that the tail needs, and those of the ticks shortly before it; the newest first. */
  tailSchemas(collectorNo: CollectorNo): Promise<Schema[]> {
    return this.#call({ method: 'tailSchemas', collectorNo }) as Promise<Schema[]>
  }

  runs(collectorNo: CollectorNo): Promise<RunSummary[]> {
    return this.#call({ method: 'runs', collectorNo }) as Promise<RunSummary[]>
  }

  /** The batches from the newest key tick of the newest run on; empty if there is none. */
  tail(collectorNo: CollectorNo): Promise<StoredBatch[]> {
    return this.#call({ method: 'tail', collectorNo }) as Promise<StoredBatch[]>
  }

  /** The first and the last tick of each collector that has any. */
  spans(): Promise<Map<CollectorNo, TimeSpan>> {
    return this.#call({ method: 'spans' }) as Promise<Map<CollectorNo, TimeSpan>>
  }

  completeness(collectorNo: CollectorNo, range: TimeRange): Promise<Completeness> {
    return this.#call({ method: 'completeness', collectorNo, range }) as Promise<Completeness>
  }

  /** Chunks of UTF-8 text, format: tick-export.ts. The next chunk is decoded when it is asked for. */
  async *exportTicks(collectorNo: CollectorNo, range: TimeRange, format: ExportFormat): AsyncGenerator<Uint8Array> {
    const exportId = (await this.#call({ method: 'openExport', collectorNo, range, format })) as number
    const thread = this.#thread
    try {
      for (;;) {
        // Another thread does not know this export: without this, what comes next would look like its end.
        if (this.#thread !== thread) throw threadDied()
        const chunk = (await this.#call({ method: 'nextChunk', exportId })) as Uint8Array | null
        if (chunk === null) return
        yield chunk
      }
    } finally {
      if (this.#thread !== undefined && this.#thread === thread) await this.#call({ method: 'closeExport', exportId })
    }
  }

  /** Whatever was asked and not answered is rejected. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#timer?.[Symbol.dispose]()
    const thread = this.#thread
    if (thread === undefined) return
    this.#drop(thread, closed())
    await thread.worker.terminate()
  }

  #call(call: ReaderCall): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(closed())
    const thread = this.#thread ?? this.#start()
    const request: ReaderRequest = { id: this.#nextId++, call }
    return new Promise((resolve, reject) => {
      thread.pending.set(request.id, { resolve, reject })
      thread.worker.postMessage(request)
    })
  }

  #start(): Thread {
    const { workerUrl, dataDir } = this.#options
    const worker = new Worker(workerUrl, { workerData: { dataDir }, name: 'godwit-reader' })
    const thread: Thread = { worker, pending: new Map() }
    worker.on('message', (reply: ReaderReply) => settle(thread, reply))
    worker.on('error', (cause: Error) => this.#drop(thread, threadDied(cause)))
    worker.on('exit', () => this.#drop(thread, threadDied()))
    this.#thread = thread
    return thread
  }

  #drop(thread: Thread, error: ServerError): void {
    if (this.#thread === thread) this.#thread = undefined
    for (const { reject } of thread.pending.values()) reject(error)
    thread.pending.clear()
  }

  #scheduleRefresh(): void {
    this.#timer = this.#options.clock.setTimer(REFRESH_INTERVAL_MS, () => void this.#refresh())
  }

  async #refresh(): Promise<void> {
    try {
      await this.#call({ method: 'refresh' })
    } catch {
      // What fails now fails again for whoever asks next, and is told to them.
    }
    if (!this.#isClosed) this.#scheduleRefresh()
  }
}

function settle(thread: Thread, reply: ReaderReply): void {
  const pending = thread.pending.get(reply.id)
  thread.pending.delete(reply.id)
  if ('failure' in reply) pending?.reject(errorOf(reply.failure))
  else pending?.resolve(reply.value)
}

function threadDied(cause?: Error): ServerError {
  const what = ['the thread that reads the store died', cause?.message].filter(Boolean).join(': ')
  return new ServerError('STORE_FAILED', { op: 'query', what, hint: 'ask again: it is started anew' }, { cause })
}

function closed(): ServerError {
  return new ServerError('STORE_FAILED', { op: 'query', what: 'the query service is closed' })
}
