import { parentPort, workerData } from 'node:worker_threads'
import { ServerError } from '../errors.ts'
import { failureOf } from '../store/failure.ts'
import { isSqliteError, storeErrorOf } from '../store/sqlite/sqlite-error.ts'
import { SqliteReader } from '../store/sqlite/sqlite-reader.ts'
import { ReaderCalls } from './reader-calls.ts'
import type { ReaderReply, ReaderRequest } from './reader-protocol.ts'
import { ReaderTurns } from './reader-turns.ts'

/** The thread that reads the database. */
function run(dataDir: string): void {
  const port = parentPort
  if (port === null) throw new Error('BUG: reader-worker.ts is started as a thread')
  // A clock cannot be passed to a thread; here it begins, as the process does in main.ts.
  // oxlint-disable-next-line no-restricted-properties
  const turns = new ReaderTurns(() => performance.now(), setImmediate)
  let calls: ReaderCalls | undefined
  port.on('message', ({ id, call }: ReaderRequest) => {
    const reply = (message: ReaderReply, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer)
    const failed = (error: unknown): void => {
      reply({ id, failure: failureOf(serverErrorOf(error, call.method, dataDir)) })
    }
    const done = (value: unknown): void => {
      reply({ id, value }, value instanceof Uint8Array ? [value.buffer as ArrayBuffer] : [])
    }
    try {
      // Opened by the first call, and tried again by the next one if it fails: the writer may not have made it yet.
      calls ??= new ReaderCalls(new SqliteReader(dataDir))
    } catch (error) {
      failed(error)
      return
    }
    turns.add({ ...calls.begin(call), done, failed })
  })
}

/** What is no failure of the store must not send the operator to look at the disk. */
function serverErrorOf(error: unknown, op: string, path: string): ServerError {
  if (error instanceof ServerError || isSqliteError(error)) return storeErrorOf(error, op, path)
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return new ServerError('QUERY_FAILED', { op, what }, { cause: error })
}

run((workerData as { dataDir: string }).dataDir)
