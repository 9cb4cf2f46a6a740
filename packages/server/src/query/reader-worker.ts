import { parentPort, workerData } from 'node:worker_threads'
import { storeErrorOf } from '../store/sqlite/sqlite-error.ts'
import { SqliteReader } from '../store/sqlite/sqlite-reader.ts'
import { ReaderCalls } from './reader-calls.ts'
import type { ReaderReply, ReaderRequest } from './reader-protocol.ts'

/** The thread that reads the database: takes calls one by one, in their order, and answers each. */
function run(dataDir: string): void {
  const port = parentPort
  if (port === null) throw new Error('BUG: reader-worker.ts is started as a thread')
  let calls: ReaderCalls | undefined
  port.on('message', ({ id, call }: ReaderRequest) => {
    const reply = (message: ReaderReply, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer)
    try {
      // Opened by the first call, and tried again by the next one if it fails: the writer may not have made it yet.
      calls ??= new ReaderCalls(new SqliteReader(dataDir))
      const value = calls.answer(call)
      reply({ id, value }, value instanceof Uint8Array ? [value.buffer as ArrayBuffer] : [])
    } catch (error) {
      const { code, message, op, path, hint } = storeErrorOf(error, call.method, dataDir)
      reply({ id, failure: { code, message, op, path, hint } })
    }
  })
}

run((workerData as { dataDir: string }).dataDir)
