import { Worker } from 'node:worker_threads'
import type { Schema, SchemaId } from '@godwit/protocol'
import { ServerError } from '../../errors.ts'
import { errorOf } from '../failure.ts'
import type {
  CollectorFacts,
  CollectorNo,
  CollectorRecord,
  CommitGroup,
  CommitResult,
  HaveRange,
  Store,
  TaskRecord,
  TaskState,
} from '../store.ts'
import { type PackedResult, packGroup, unpackResult } from './packed-group.ts'
import type { WriterCall, WriterReply, WriterRequest } from './writer-protocol.ts'

interface Pending {
  resolve(value: unknown): void
  reject(error: Error): void
}

/** The store on SQLite. All work is done in the writer thread; this side packs, sends, and awaits the answers. */
export class SqliteStore implements Store {
  readonly #worker: Worker
  readonly #pending = new Map<number, Pending>()
  readonly #died = Promise.withResolvers<ServerError>()
  #nextId = 1
  #dead: ServerError | undefined

  private constructor(worker: Worker) {
    this.#worker = worker
    worker.on('message', (reply: WriterReply) => this.#settle(reply))
    worker.on('error', (cause: Error) => this.#die(new ServerError('STORE_FAILED', { what: cause.message }, { cause })))
    worker.on('exit', () => this.#die(new ServerError('STORE_FAILED', { what: 'the store is closed' })))
  }

  /**
   * Opens or makes the database of `dataDir`. `workerUrl` is that of writer-worker, in source or bundled.
   * Rejects with DATA_UNWRITABLE, DATA_IN_USE, STORE_NOT_OURS, STORE_NEWER, STORE_CORRUPT.
   */
  static async open(dataDir: string, workerUrl: URL): Promise<SqliteStore> {
    const worker = new Worker(workerUrl, { workerData: { dataDir }, name: 'godwit-writer' })
    const store = new SqliteStore(worker)
    await new Promise<unknown>((resolve, reject) => store.#pending.set(0, { resolve, reject }))
    return store
  }

  /** Settles when the writer thread is gone: nothing can be committed any more. */
  get died(): Promise<ServerError> {
    return this.#died.promise
  }

  collectors(): Promise<CollectorRecord[]> {
    return this.#call({ method: 'collectors' }) as Promise<CollectorRecord[]>
  }

  saveCollector(facts: CollectorFacts, nowMs: number): Promise<CollectorRecord> {
    return this.#call({ method: 'saveCollector', facts, nowMs }) as Promise<CollectorRecord>
  }

  schemaIds(collectorNo: CollectorNo): Promise<SchemaId[]> {
    return this.#call({ method: 'schemaIds', collectorNo }) as Promise<SchemaId[]>
  }

  async saveSchema(collectorNo: CollectorNo, { id, bytes }: Pick<Schema, 'id' | 'bytes'>): Promise<void> {
    await this.#call({ method: 'saveSchema', collectorNo, schemaId: id, bytes })
  }

  async commit(group: CommitGroup): Promise<CommitResult> {
    const packed = packGroup(group)
    const result = await this.#call({ method: 'commit', group: packed }, [packed.heads.buffer, packed.ticks.buffer])
    return unpackResult(result as PackedResult)
  }

  have(collectorNo: CollectorNo, runs?: readonly number[]): Promise<HaveRange[]> {
    return this.#call({ method: 'have', collectorNo, runs }) as Promise<HaveRange[]>
  }

  addTask(collectorNo: CollectorNo, kind: string, nowMs: number): Promise<TaskRecord> {
    return this.#call({ method: 'addTask', collectorNo, kind, nowMs }) as Promise<TaskRecord>
  }

  tasks(collectorNo: CollectorNo): Promise<TaskRecord[]> {
    return this.#call({ method: 'tasks', collectorNo }) as Promise<TaskRecord[]>
  }

  takeTask(collectorNo: CollectorNo, states: readonly TaskState[], nowMs: number): Promise<TaskRecord | null> {
    return this.#call({ method: 'takeTask', collectorNo, states, nowMs }) as Promise<TaskRecord | null>
  }

  async finishTask(
    collectorNo: CollectorNo,
    taskId: number,
    state: 'done' | 'failed',
    detail: string,
    nowMs: number,
  ): Promise<void> {
    await this.#call({ method: 'finishTask', collectorNo, taskId, state, detail, nowMs })
  }

  async close(): Promise<void> {
    if (this.#dead !== undefined) return
    await this.#call({ method: 'close' })
    await this.#worker.terminate()
  }

  #call(call: WriterCall, transfer: ArrayBuffer[] = []): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#dead !== undefined) {
        reject(this.#dead)
        return
      }
      const id = this.#nextId++
      this.#pending.set(id, { resolve, reject })
      const request: WriterRequest = { id, call }
      this.#worker.postMessage(request, transfer)
    })
  }

  #settle(reply: WriterReply): void {
    const pending = this.#pending.get(reply.id)
    this.#pending.delete(reply.id)
    if ('failure' in reply) pending?.reject(errorOf(reply.failure))
    else pending?.resolve(reply.value)
  }

  #die(error: ServerError): void {
    if (this.#dead !== undefined) return
    this.#dead = error
    this.#died.resolve(error)
    for (const { reject } of this.#pending.values()) reject(error)
    this.#pending.clear()
  }
}
