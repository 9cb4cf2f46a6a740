import { encodeAck } from './ack.ts'
import { encodeBatch } from './batch.ts'
import { encodeCbor } from './cbor.ts'
import type { Hello, Message, Welcome } from './message.ts'
import { MESSAGE_TYPE } from './message-type.ts'

/**
 * The payload of a version 2 frame that is sent at `sentAtS`: a type byte, then CBOR; Schema, Batch and Ack are raw.
 */
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

function withType(type: number, body: Uint8Array): Uint8Array {
  const payload = new Uint8Array(1 + body.length)
  payload[0] = type
  payload.set(body, 1)
  return payload
}
