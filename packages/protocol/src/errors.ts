/**
 * Every error that bytes of the protocol can cause. The code is what callers, logs and counters name; the sentence is
 * for people. Codes are never reused.
 */
export const PROTOCOL_ERRORS = {
  FRAME_MAGIC: 'the bytes do not begin with the magic number 04d2',
  FRAME_VERSION: 'the frame version is neither 1 nor 2',
  FRAME_TOO_LARGE: 'the frame announces a payload over the limit',
  TLS_UNSUPPORTED: 'the peer speaks TLS, which this server does not offer yet',
  FRAME_CHECKSUM: 'the CRC-32 of the payload does not match',
  MESSAGE_UNKNOWN: 'the message type is not known',
  MESSAGE_MALFORMED: 'the message does not have the fields that its type requires',
  MESSAGE_UNEXPECTED: 'the message is not allowed at this point of the session',
  BATCH_MALFORMED: 'the batch does not hold the ticks that its header announces',
  RUN_FRAGMENTED: 'the run has more holes than a collector makes',
  SCHEMA_MALFORMED: 'the schema bytes cannot be read',
  SCHEMA_TOO_LARGE: 'the schema has more series than the limit',
  SCHEMA_UNKNOWN: 'the key tick names a schema that was never sent',
  TICK_MALFORMED: 'the tick ends early, runs over its end, or holds an impossible number',
  METRIC_INVALID: 'the metric, label or resolution is not valid',
} as const

export type ProtocolErrorCode = keyof typeof PROTOCOL_ERRORS

/** Thrown on bytes that can never be valid. `detail` holds the numbers that a log line needs. */
export class ProtocolError extends Error {
  readonly code: ProtocolErrorCode
  readonly detail: Readonly<Record<string, string | number>>

  constructor(code: ProtocolErrorCode, detail: Record<string, string | number> = {}, options?: ErrorOptions) {
    const numbers = Object.entries(detail).map(([name, value]) => `${name} ${value}`)
    super(numbers.length === 0 ? PROTOCOL_ERRORS[code] : `${PROTOCOL_ERRORS[code]} (${numbers.join(', ')})`, options)
    this.name = 'ProtocolError'
    this.code = code
    this.detail = detail
  }
}
