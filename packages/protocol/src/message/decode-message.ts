import { ProtocolError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { SCHEMA_ID_BYTES, type SchemaId } from '../metric/schema.ts'
import { decodeAck } from './ack.ts'
import { decodeBatch } from './batch.ts'
import { decodeCborMap } from './cbor.ts'
import { COLLECTOR_ID_BYTES } from './collector-id.ts'
import { checkBytes, Fields } from './fields.ts'
import type { Hello, Message, Welcome } from './message.ts'
import { MESSAGE_TYPE } from './message-type.ts'

/**
 * Reads the payload of a version 2 frame. Batch ticks and schema bytes are views into `payload`, all else is copied;
 * unknown fields are ignored. Throws MESSAGE_UNKNOWN, MESSAGE_MALFORMED, BATCH_MALFORMED.
 */
export function decodeMessage(payload: Uint8Array, sentAtS: number): Message {
  switch (payload[0]) {
    case MESSAGE_TYPE.batch:
      return { type: 'batch', ...decodeBatch(payload, sentAtS) }
    case MESSAGE_TYPE.ack:
      return { type: 'ack', ranges: decodeAck(payload) }
    case MESSAGE_TYPE.schema:
      return { type: 'schema', bytes: payload.subarray(1) }
    case MESSAGE_TYPE.hello:
      return readHello(fieldsOf(payload))
    case MESSAGE_TYPE.welcome:
      return readWelcome(fieldsOf(payload))
    case MESSAGE_TYPE.busy:
      return { type: 'busy', retryAfterMs: fieldsOf(payload).whole('retryAfterMs', LIMITS.periodMs) }
    case MESSAGE_TYPE.goaway: {
      const fields = fieldsOf(payload)
      return {
        type: 'goaway',
        retryAfterMs: fields.whole('retryAfterMs', LIMITS.periodMs),
        reason: fields.text('reason'),
      }
    }
    case MESSAGE_TYPE.task: {
      const fields = fieldsOf(payload)
      return { type: 'task', id: fields.whole('id'), kind: fields.text('kind') }
    }
    case MESSAGE_TYPE.taskResult: {
      const fields = fieldsOf(payload)
      // A word that we do not know is not a success.
      const outcome = fields.text('outcome') === 'done' ? 'done' : 'failed'
      return { type: 'taskResult', id: fields.whole('id'), outcome, detail: fields.text('detail') }
    }
    case MESSAGE_TYPE.bye:
      return { type: 'bye', reason: fieldsOf(payload).text('reason') }
    case MESSAGE_TYPE.pace:
      return { type: 'pace', flushMs: fieldsOf(payload).whole('flushMs', LIMITS.periodMs) }
    default:
      throw new ProtocolError('MESSAGE_UNKNOWN', { messageType: payload[0] ?? -1 })
  }
}

function readHello(fields: Fields): Hello {
  const runs = fields.table('runs', LIMITS.runsPerHello, 3).map(([run = 0, lo = 0, hi = 0]) => ({ run, lo, hi }))
  for (const { run, lo, hi } of runs) {
    if (run >= 2 ** 48 || lo > hi || hi >= LIMITS.seq) throw new ProtocolError('MESSAGE_MALFORMED', { field: 'runs' })
  }
  return {
    type: 'hello',
    collector: fields.bytes('collector', COLLECTOR_ID_BYTES),
    name: fields.text('name'),
    software: fields.text('software'),
    wallMs: fields.whole('wallMs', LIMITS.wallMs),
    monoMs: fields.whole('monoMs'),
    intervalMs: fields.whole('intervalMs', LIMITS.periodMs, 1),
    flushMs: fields.whole('flushMs', LIMITS.periodMs),
    runs,
    schemas: readSchemaIds(fields, 'schemas'),
    host: fields.facts('host'),
  }
}

function readWelcome(fields: Fields): Welcome {
  const have = fields
    .table('have', LIMITS.haveRanges, 3)
    .map(([runIndex = 0, lo = 0, hi = 0]) => ({ runIndex, lo, hi }))
  for (const { runIndex, lo, hi } of have) {
    if (runIndex >= LIMITS.runsPerHello || lo > hi || hi >= LIMITS.seq) {
      throw new ProtocolError('MESSAGE_MALFORMED', { field: 'have' })
    }
  }
  return {
    type: 'welcome',
    serverMs: fields.whole('serverMs', LIMITS.wallMs),
    have,
    wants: readSchemaIds(fields, 'wants'),
    flushMs: fields.whole('flushMs', LIMITS.periodMs),
  }
}

function readSchemaIds(fields: Fields, name: string): SchemaId[] {
  return fields.list(name, LIMITS.schemasPerHello, (id) => checkBytes(id, name, SCHEMA_ID_BYTES).toHex())
}

function fieldsOf(payload: Uint8Array): Fields {
  return new Fields(decodeCborMap(payload.subarray(1)))
}
