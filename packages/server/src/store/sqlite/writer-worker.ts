import { parentPort, workerData } from 'node:worker_threads'
import { failureOf } from '../failure.ts'
import { storeErrorOf } from './sqlite-error.ts'
import { SqliteWriter } from './sqlite-writer.ts'
import type { WriterCall, WriterReply, WriterRequest } from './writer-protocol.ts'

/** The thread that writes the database: takes calls one by one, in their order, and answers each. */
function run(dataDir: string): void {
  const port = parentPort
  if (port === null) throw new Error('BUG: writer-worker.ts is started as a thread')
  const reply = (message: WriterReply): void => port.postMessage(message)
  let writer: SqliteWriter
  try {
    writer = new SqliteWriter(dataDir)
  } catch (error) {
    reply({ id: 0, failure: failureOf(storeErrorOf(error, 'open', dataDir)) })
    return
  }
  port.on('message', ({ id, call }: WriterRequest) => {
    try {
      reply({ id, value: answer(writer, call) })
    } catch (error) {
      reply({ id, failure: failureOf(storeErrorOf(error, call.method, dataDir)) })
    }
    if (call.method === 'close') port.close()
  })
  reply({ id: 0, value: true })
}

function answer(writer: SqliteWriter, call: WriterCall): unknown {
  switch (call.method) {
    case 'commit':
      return writer.commit(call.group)
    case 'collectors':
      return writer.collectors()
    case 'saveCollector':
      return writer.saveCollector(call.facts, call.nowMs)
    case 'schemaIds':
      return writer.schemaIds(call.collectorNo)
    case 'saveSchema':
      return writer.saveSchema(call.collectorNo, call.schemaId, call.bytes)
    case 'have':
      return writer.have(call.collectorNo, call.runs)
    case 'addTask':
      return writer.tasks.add(call.collectorNo, call.kind, call.nowMs)
    case 'tasks':
      return writer.tasks.list(call.collectorNo)
    case 'takeTask':
      return writer.tasks.take(call.collectorNo, call.states, call.nowMs)
    case 'finishTask':
      return writer.tasks.finish(call.collectorNo, call.taskId, call.state, call.detail, call.nowMs)
    case 'close':
      return writer.close()
  }
}

run((workerData as { dataDir: string }).dataDir)
