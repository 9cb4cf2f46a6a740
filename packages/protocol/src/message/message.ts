import { ProtocolError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { SCHEMA_ID_BYTES, type SchemaId } from '../metric/schema.ts'
import { type AckedRange, decodeAck, encodeAck } from './ack.ts'
import { type Batch, decodeBatch, encodeBatch } from './batch.ts'
import { decodeCborMap, encodeCbor } from './cbor.ts'
import { checkBytes, Fields } from './fields.ts'
import { MESSAGE_TYPE } from './message-type.ts'

export const COLLECTOR_ID_BYTES = 16

/** Ticks lo..hi, both included, of one run. */
export interface RunRange {
  readonly run: number
  readonly lo: number
  readonly hi: number
}

/** The collector's first message: who it is and what it holds. */
export interface Hello {
  readonly type: 'hello'
  /** The collector's UUID. */
  readonly collector: Uint8Array
  readonly name: string
  readonly software: string
  /** What the collector's clocks show while it writes this, ms. */
  readonly wallMs: number
  readonly monoMs: number
  readonly intervalMs: number
  readonly flushMs: number
  /** What the queue holds, one entry a run; later messages name a run by its place in this list. */
  readonly runs: readonly RunRange[]
  /** Schemas of the ticks in the queue. */
  readonly schemas: readonly SchemaId[]
  /** os, arch, kernel, cpus and the like: for people. */
  readonly host: Readonly<Record<string, string | number>>
}

/** The server's answer to Hello. The collector sends what it holds less what the server has. */
export interface Welcome {
  readonly type: 'welcome'
  readonly serverMs: number
  /** Ranges of the Hello's runs that are committed already. */
  readonly have: readonly { readonly runIndex: number; readonly lo: number; readonly hi: number }[]
  /** Schemas of the Hello that the server does not know. */
  readonly wants: readonly SchemaId[]
  /** How often to flush; 0 leaves it to the collector. */
  readonly flushMs: number
}

/** The canonical bytes of a schema; sent before the first batch that needs it. */
export interface SchemaMessage {
  readonly type: 'schema'
  readonly bytes: Uint8Array
}

export interface BatchMessage extends Batch {
  readonly type: 'batch'
}

export interface Ack {
  readonly type: 'ack'
  readonly ranges: readonly AckedRange[]
}

/** The server can not commit now: send nothing for a while. The connection stays. */
export interface Busy {
  readonly type: 'busy'
  readonly retryAfterMs: number
}

/** The server is about to close the connection: come back after a while. */
export interface Goaway {
  readonly type: 'goaway'
  readonly retryAfterMs: number
  readonly reason: string
}

export interface Task {
  readonly type: 'task'
  readonly id: number
  readonly kind: string
}

export interface TaskResult {
  readonly type: 'taskResult'
  readonly id: number
  readonly outcome: 'done' | 'failed'
  readonly detail: string
}

/** The collector stops or turns away; what it had to send is sent. */
export interface Bye {
  readonly type: 'bye'
  readonly reason: string
}

/** How often to flush from now on, while somebody watches; 0 gives that back to the collector. */
export interface Pace {
  readonly type: 'pace'
  readonly flushMs: number
}

export type Message =
  | Hello
  | Welcome
  | SchemaMessage
  | BatchMessage
  | Ack
  | Busy
  | Goaway
  | Task
  | TaskResult
  | Bye
  | Pace

/** The payload of a version 2 frame that is sent at `sentAtS`: a type byte, then CBOR; Schema, Batch and Ack are raw. */
export function encodeMessage(message: Message, sentAtS: number): Uint8Array {
  switch (message.type) {
    case 'batch':
      return encodeBatch(message, sentAtS)
    case 'ack':
      return encodeAck(message.ranges)
    case 'schema':
      return withType(MESSAGE_TYPE.schema, message.bytes)
    case 'hello':
      return withType(MESSAGE_TYPE.hello, encodeCbor(helloFields(message)))
    case 'welcome':
      return withType(MESSAGE_TYPE.welcome, encodeCbor(welcomeFields(message)))
    case 'busy':
    case 'goaway':
    case 'task':
    case 'taskResult':
    case 'bye':
    case 'pace': {
      const { type, ...fields } = message
      return withType(MESSAGE_TYPE[type], encodeCbor(fields))
    }
  }
}

/**
 * Reads the payload of a version 2 frame. Batch ticks and schema bytes are views into `payload`; unknown fields are ignored.
 * Throws MESSAGE_UNKNOWN, MESSAGE_MALFORMED, BATCH_MALFORMED.
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
      return { type: 'busy', retryAfterMs: fieldsOf(payload).whole('retryAfterMs') }
    case MESSAGE_TYPE.goaway: {
      const fields = fieldsOf(payload)
      return { type: 'goaway', retryAfterMs: fields.whole('retryAfterMs'), reason: fields.text('reason') }
    }
    case MESSAGE_TYPE.task: {
      const fields = fieldsOf(payload)
      return { type: 'task', id: fields.whole('id'), kind: fields.text('kind') }
    }
    case MESSAGE_TYPE.taskResult: {
      const fields = fieldsOf(payload)
      const outcome = fields.text('outcome') === 'done' ? 'done' : 'failed'
      return { type: 'taskResult', id: fields.whole('id'), outcome, detail: fields.text('detail') }
    }
    case MESSAGE_TYPE.bye:
      return { type: 'bye', reason: fieldsOf(payload).text('reason') }
    case MESSAGE_TYPE.pace:
      return { type: 'pace', flushMs: fieldsOf(payload).whole('flushMs', MAX_PERIOD_MS) }
    default:
      throw new ProtocolError('MESSAGE_UNKNOWN', { messageType: payload[0] ?? -1 })
  }
}

const MAX_PERIOD_MS = 24 * 3600 * 1000

function helloFields(hello: Hello): object {
  const { type: _, runs, schemas, ...fields } = hello
  return {
    ...fields,
    runs: runs.map(({ run, lo, hi }) => [run, lo, hi]),
    schemas: schemas.map((id) => Uint8Array.fromHex(id)),
  }
}

function welcomeFields(welcome: Welcome): object {
  const { type: _, have, wants, ...fields } = welcome
  return {
    ...fields,
    have: have.map(({ runIndex, lo, hi }) => [runIndex, lo, hi]),
    wants: wants.map((id) => Uint8Array.fromHex(id)),
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
    intervalMs: fields.whole('intervalMs', MAX_PERIOD_MS),
    flushMs: fields.whole('flushMs', MAX_PERIOD_MS),
    runs,
    schemas: readSchemaIds(fields, 'schemas'),
    host: fields.facts('host'),
  }
}

function readWelcome(fields: Fields): Welcome {
  return {
    type: 'welcome',
    serverMs: fields.whole('serverMs', LIMITS.wallMs),
    have: fields
      .table('have', LIMITS.haveRanges, 3)
      .map(([runIndex = 0, lo = 0, hi = 0]) => ({ runIndex, lo, hi })),
    wants: readSchemaIds(fields, 'wants'),
    flushMs: fields.whole('flushMs', MAX_PERIOD_MS),
  }
}

function readSchemaIds(fields: Fields, name: string): SchemaId[] {
  return fields.list(name, LIMITS.runsPerHello, (id) => checkBytes(id, name, SCHEMA_ID_BYTES).toHex())
}

function fieldsOf(payload: Uint8Array): Fields {
  return new Fields(decodeCborMap(payload.subarray(1)))
}

function withType(type: number, body: Uint8Array): Uint8Array {
  const payload = new Uint8Array(1 + body.length)
  payload[0] = type
  payload.set(body, 1)
  return payload
}
