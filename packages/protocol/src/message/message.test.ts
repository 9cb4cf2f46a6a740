import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ProtocolError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { encodeCbor } from './cbor.ts'
import { decodeMessage } from './decode-message.ts'
import { encodeMessage } from './encode-message.ts'
import type { Hello, Message } from './message.ts'
import { isFromCollector, isFromServer } from './message-sender.ts'
import { MESSAGE_TYPE } from './message-type.ts'

const SENT_AT_S = 1_700_000_000
const HELLO: Hello = {
  type: 'hello',
  collector: Uint8Array.fromHex('16d24c113a58441c9488dd0dada32270'),
  name: 'kiosk-7 ü',
  software: 'godwit 0.1.0',
  wallMs: 1_700_000_000_123,
  monoMs: 0,
  intervalMs: 1000,
  flushMs: 10_000,
  runs: [{ run: 2 ** 48 - 1, lo: 0, hi: LIMITS.seq - 1 }],
  schemas: ['0123456789abcdef'],
  host: { os: 'linux', cpus: 4, loadFactor: -0.25 },
}

const MESSAGES: Message[] = [
  HELLO,
  {
    type: 'welcome',
    serverMs: LIMITS.wallMs,
    have: [{ runIndex: 0, lo: 5, hi: 2 ** 33 }],
    wants: ['ffffffffffffffff'],
    flushMs: 0,
  },
  { type: 'schema', bytes: Uint8Array.of(1, 0) },
  { type: 'batch', runIndex: 0, seq: 0, count: 1, firstWallMs: 5, lastWallMs: 6, ticks: Uint8Array.of(1, 7) },
  {
    type: 'ack',
    ranges: [
      { runIndex: 0, seq: 2 ** 40, count: 60 },
      { runIndex: 1, seq: 0, count: 1 },
    ],
  },
  { type: 'busy', retryAfterMs: 5000 },
  { type: 'goaway', retryAfterMs: 1, reason: 'restart' },
  { type: 'task', id: 9, kind: 'shutdown' },
  { type: 'taskResult', id: 9, outcome: 'done', detail: '' },
  { type: 'bye', reason: 'stopped' },
  { type: 'pace', flushMs: 1000 },
]

const isCbor = (message: Message): boolean => !['schema', 'batch', 'ack'].includes(message.type)

/** The fields of a control message as they stand on the wire. */
function wireFields(message: Message): Record<string, unknown> {
  const { type: _, ...fields } = message as unknown as Record<string, unknown>
  if (message.type === 'hello') {
    fields['runs'] = message.runs.map(({ run, lo, hi }) => [run, lo, hi])
    fields['schemas'] = message.schemas.map((id) => Uint8Array.fromHex(id))
  }
  if (message.type === 'welcome') {
    fields['have'] = message.have.map(({ runIndex, lo, hi }) => [runIndex, lo, hi])
    fields['wants'] = message.wants.map((id) => Uint8Array.fromHex(id))
  }
  return fields
}

const payloadOf = (type: keyof typeof MESSAGE_TYPE, fields: object): Uint8Array =>
  Uint8Array.of(MESSAGE_TYPE[type], ...encodeCbor(fields))

test('each message is decoded as it was encoded', () => {
  assert.deepEqual(new Set(MESSAGES.map(({ type }) => type)), new Set(Object.keys(MESSAGE_TYPE)))
  for (const message of MESSAGES) {
    const payload = encodeMessage(message, SENT_AT_S)
    assert.equal(payload[0], MESSAGE_TYPE[message.type])
    assert.deepEqual(decodeMessage(payload, SENT_AT_S), message)
    assert.ok(payload.length <= LIMITS.framePayloadBytes)
  }
})

test('each message comes from one side', () => {
  const fromServer = MESSAGES.filter(isFromServer).map(({ type }) => type)
  assert.deepEqual(fromServer, ['welcome', 'ack', 'busy', 'goaway', 'task', 'pace'])
  const fromCollector = MESSAGES.filter(isFromCollector).map(({ type }) => type)
  assert.deepEqual(fromCollector, ['hello', 'schema', 'batch', 'taskResult', 'bye'])
})

test('messages have these bytes', () => {
  assert.equal(encodeMessage({ type: 'pace', flushMs: 1000 }, 0).toHex(), '0ba167666c7573684d731903e8')
  assert.equal(encodeMessage({ type: 'bye', reason: '' }, 0).toHex(), '0aa166726561736f6e60')
  assert.equal(encodeMessage({ type: 'ack', ranges: [{ runIndex: 1, seq: 128, count: 60 }] }, 0).toHex(), '050180013c')
})

test('fields that are not known are ignored', () => {
  for (const message of MESSAGES.filter(isCbor)) {
    const payload = payloadOf(message.type, { later: { a: [1, 2.5, null, true, 'x'] }, ...wireFields(message), zz: -1 })
    assert.deepEqual(decodeMessage(payload, SENT_AT_S), message)
  }
})

test('a field that is missing or of another type is named', () => {
  for (const message of MESSAGES.filter(isCbor)) {
    const fields = wireFields(message)
    for (const field of Object.keys(fields)) {
      const { [field]: _, ...others } = fields
      const wrong = [others, { ...others, [field]: null }, { ...others, [field]: true }, { ...others, [field]: -1.5 }]
      for (const one of wrong) {
        const payload = payloadOf(message.type, one)
        const named = { code: 'MESSAGE_MALFORMED', detail: { field } }
        assert.throws(() => decodeMessage(payload, SENT_AT_S), named, `${message.type} ${field}`)
      }
    }
  }
})

test('a number, text or list over its limit is refused', () => {
  const row = [1, 0, 0]
  const changes: Record<string, unknown>[] = [
    { collector: new Uint8Array(15) },
    { name: 1 },
    { wallMs: LIMITS.wallMs + 1 },
    { wallMs: -1 },
    { monoMs: 2 ** 53 },
    { monoMs: 2n ** 64n - 1n },
    { intervalMs: 0 },
    { intervalMs: LIMITS.periodMs + 1 },
    { flushMs: LIMITS.periodMs + 1 },
    { runs: [[2 ** 48, 0, 0]] },
    { runs: [[1, 2, 1]] },
    { runs: [[1, 0, LIMITS.seq]] },
    { runs: [[1, 0]] },
    { runs: [[1, 0, 0, 0]] },
    { runs: [{ run: 1 }] },
    { runs: Array(LIMITS.runsPerHello + 1).fill(row) },
    { schemas: [new Uint8Array(7)] },
    { schemas: Array(LIMITS.schemasPerHello + 1).fill(new Uint8Array(8)) },
    { schemas: ['0123456789abcdef'] },
    { host: [] },
    { host: new Uint8Array(1000) },
  ]
  for (const change of changes) {
    const payload = payloadOf('hello', { ...wireFields(HELLO), ...change })
    const field = Object.keys(change).join()
    assert.throws(() => decodeMessage(payload, SENT_AT_S), { code: 'MESSAGE_MALFORMED', detail: { field } }, field)
  }
  for (const retryAfterMs of [LIMITS.periodMs + 1, 2 ** 40]) {
    assert.throws(() => decodeMessage(payloadOf('busy', { retryAfterMs }), SENT_AT_S), { code: 'MESSAGE_MALFORMED' })
  }
  for (const have of [[[0, 2, 1]], [[LIMITS.runsPerHello, 0, 0]], [[0, 0, LIMITS.seq]]]) {
    const payload = payloadOf('welcome', { serverMs: 0, have, wants: [], flushMs: 0 })
    assert.throws(() => decodeMessage(payload, SENT_AT_S), { code: 'MESSAGE_MALFORMED', detail: { field: 'have' } })
  }
})

test('the fullest Hello and Welcome fit a frame', () => {
  const runs = Array.from({ length: LIMITS.runsPerHello }, () => ({
    run: 2 ** 48 - 1,
    lo: LIMITS.seq - 1,
    hi: LIMITS.seq - 1,
  }))
  const schemas = Array.from({ length: LIMITS.schemasPerHello }, () => 'ffffffffffffffff')
  const have = Array.from({ length: LIMITS.haveRanges }, () => ({
    runIndex: 1023,
    lo: LIMITS.seq - 1,
    hi: LIMITS.seq - 1,
  }))
  const messages: Message[] = [
    { ...HELLO, runs, schemas },
    { type: 'welcome', serverMs: 0, have, wants: schemas, flushMs: 0 },
  ]
  for (const message of messages) {
    const payload = encodeMessage(message, SENT_AT_S)
    assert.ok(payload.length <= LIMITS.framePayloadBytes, String(payload.length))
    assert.deepEqual(decodeMessage(payload, SENT_AT_S), message)
  }
})

test('of the host, what is not short text or a number is left out', () => {
  const host = {
    os: 'linux',
    list: [1],
    ['k'.repeat(65)]: 1,
    long: '\u4e2d'.repeat(LIMITS.textBytes / 3 + 1),
    n: Number.NaN,
    cpus: 4,
  }
  const message = decodeMessage(payloadOf('hello', { ...wireFields(HELLO), host }), SENT_AT_S)
  assert.deepEqual(message, { ...HELLO, host: { os: 'linux', cpus: 4 } })
})

test('of the host, facts over the limits in number and in bytes are left out', () => {
  const hostOf = (host: object): object => {
    const message = decodeMessage(payloadOf('hello', { ...wireFields(HELLO), host }), SENT_AT_S)
    return (message as typeof HELLO).host
  }
  const many = Object.fromEntries(Array.from({ length: LIMITS.hostFacts + 5 }, (_, i) => [`k${i}`, i]))
  assert.equal(Object.keys(hostOf(many)).length, LIMITS.hostFacts)
  const large = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`k${i}`, '\u4e2d'.repeat(85)]))
  const kept = Object.entries(hostOf({ ...large, cpus: 4 })).map(([key, text]) => key + text)
  assert.equal(kept.length, 8)
  assert.ok(new TextEncoder().encode(kept.join('')).length <= LIMITS.hostBytes)
})

test('a text over 256 bytes is cut between two characters', () => {
  const nameOf = (name: string): string => {
    const message = decodeMessage(payloadOf('hello', { ...wireFields(HELLO), name }), SENT_AT_S)
    return (message as typeof HELLO).name
  }
  assert.equal(nameOf('x'.repeat(300)), 'x'.repeat(256))
  assert.equal(nameOf('\u4e2d'.repeat(86)), '\u4e2d'.repeat(85))
  assert.equal(nameOf('\u{1f600}'.repeat(64)), '\u{1f600}'.repeat(64))
  assert.equal(nameOf(`xyz${'\u{1f600}'.repeat(64)}`), `xyz${'\u{1f600}'.repeat(63)}`)
  assert.equal(nameOf('\u{e9}'.repeat(128)), '\u{e9}'.repeat(128))
})

test('an outcome that is not known is no success', () => {
  const message = decodeMessage(payloadOf('taskResult', { id: 1, outcome: 'maybe', detail: '' }), SENT_AT_S)
  assert.deepEqual(message, { type: 'taskResult', id: 1, outcome: 'failed', detail: '' })
})

test('an empty payload and an unknown type are named', () => {
  for (const payload of [new Uint8Array(0), Uint8Array.of(0), Uint8Array.of(12, 0xa0), Uint8Array.of(0x7b)]) {
    assert.throws(() => decodeMessage(payload, SENT_AT_S), { code: 'MESSAGE_UNKNOWN' })
  }
})

test('an ack that is cut, has too many ranges or goes past the last seq is malformed', () => {
  const many = encodeMessage(
    { type: 'ack', ranges: Array(LIMITS.ackRanges + 1).fill({ runIndex: 0, seq: 0, count: 1 }) },
    0,
  )
  const far = encodeMessage({ type: 'ack', ranges: [{ runIndex: 0, seq: LIMITS.seq, count: 1 }] }, 0)
  for (const payload of [many, far, Uint8Array.of(5, 0), Uint8Array.of(5, 0, 1), Uint8Array.of(5, 0, 0x80, 1)]) {
    assert.throws(() => decodeMessage(payload, 0), { code: 'MESSAGE_MALFORMED' })
  }
})

test('every proper prefix of a control message is malformed', () => {
  for (const message of MESSAGES.filter(isCbor)) {
    const payload = encodeMessage(message, SENT_AT_S)
    for (let length = 1; length < payload.length; length++) {
      assert.throws(() => decodeMessage(payload.subarray(0, length), SENT_AT_S), { code: 'MESSAGE_MALFORMED' })
    }
  }
})

test('flipped bits and random bytes give a message or a ProtocolError', () => {
  const decodeHostile = (payload: Uint8Array): void => {
    try {
      decodeMessage(payload, SENT_AT_S)
    } catch (error) {
      assert.ok(error instanceof ProtocolError, String(error))
    }
  }
  for (const message of MESSAGES) {
    const payload = encodeMessage(message, SENT_AT_S)
    for (let bit = 0; bit < payload.length * 8; bit++) {
      const flipped = payload.slice()
      flipped[bit >>> 3] = (flipped[bit >>> 3] as number) ^ (0x80 >>> (bit & 7))
      decodeHostile(flipped)
    }
  }
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 12 }), fc.uint8Array({ maxLength: 60 }), (type, garbage) => {
      decodeHostile(Uint8Array.of(type, ...garbage))
      decodeHostile(Uint8Array.of(type, 0xa1, ...garbage))
    }),
    { seed: 7, numRuns: 1000 },
  )
})
