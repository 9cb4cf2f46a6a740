import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ProtocolError } from '../errors.ts'
import { decodeV1Message, V1_REPLY, type V1SubmitData } from './v1-message.ts'

const MALFORMED = { code: 'MESSAGE_MALFORMED' }
const ID = '16d24c113a58441c9488dd0dada32270'
const SUBMIT = '000000007022a3ad0ddd88941c44583a114cd21600d098e20500000000a0652e000000000a35b942'
const REQUEST = '010000007022a3ad0ddd88941c44583a114cd216'
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)
const hex = (text: string): Uint8Array => Uint8Array.fromHex(text)

/** A SubmitData with these fields as JSON text. */
const json = (fields: Record<string, string> = {}): Uint8Array => {
  const all = { collector_id: '0', total_memory: '100', used_memory: '50', average_cpu_usage: '0.5', ...fields }
  const body = Object.entries(all).map(([name, text]) => `"${name}":${text}`)
  return ascii(`{"SubmitData":{${body.join()}}}`)
}

function submitOf(payload: Uint8Array): V1SubmitData {
  const message = decodeV1Message(payload)
  assert.ok(message.type === 'submitData')
  return message
}

test('captured payloads say what their collectors sent', () => {
  assert.deepEqual(decodeV1Message(json()), {
    type: 'submitData',
    collector: new Uint8Array(16),
    totalMemoryBytes: 100n,
    usedMemoryBytes: 50n,
    averageCpuPercent: 0.5,
  })
  const second = ascii(
    '{"SubmitData":{"collector_id":30334941075625940965217936755065561712,"total_memory":25276502016,"used_memory":558608384,"average_cpu_usage":78.47149}}',
  )
  assert.deepEqual(decodeV1Message(second), {
    type: 'submitData',
    collector: hex(ID),
    totalMemoryBytes: 25_276_502_016n,
    usedMemoryBytes: 558_608_384n,
    averageCpuPercent: Math.fround(78.47149),
  })
  assert.deepEqual(decodeV1Message(hex(SUBMIT)), {
    type: 'submitData',
    collector: hex(ID),
    totalMemoryBytes: 25_276_502_016n,
    usedMemoryBytes: 778_412_032n,
    averageCpuPercent: Math.fround(92.60359),
  })
  assert.deepEqual(decodeV1Message(hex(REQUEST)), { type: 'requestWork', collector: hex(ID) })
  assert.deepEqual(
    decodeV1Message(ascii('{"RequestWork":{"collector_id":1}}')).collector.toHex(),
    '1'.padStart(32, '0'),
  )
})

test('replies are the documented bytes', () => {
  assert.equal(V1_REPLY.ack.toHex(), '00000000')
  assert.equal(V1_REPLY.noWork.toHex(), '01000000')
  assert.equal(V1_REPLY.shutdown.toHex(), '0200000000000000')
})

test('an id of 128 bits is exact, as JSON and as bincode', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), (id) => {
      const wanted = id.toString(16).padStart(32, '0')
      assert.equal(submitOf(json({ collector_id: id.toString() })).collector.toHex(), wanted)
      const bytes = hex(REQUEST)
      bytes.set(hex(wanted).reverse(), 4)
      assert.equal(decodeV1Message(bytes).collector.toHex(), wanted)
    }),
    { seed: 13, numRuns: 200 },
  )
  assert.equal(
    submitOf(json({ collector_id: (2n ** 53n + 1n).toString() })).collector.toHex(),
    '20000000000001'.padStart(32, '0'),
  )
})

test('memory of 64 bits is exact', () => {
  const message = submitOf(json({ total_memory: '18446744073709551615', used_memory: '9007199254740993' }))
  assert.deepEqual([message.totalMemoryBytes, message.usedMemoryBytes], [2n ** 64n - 1n, 2n ** 53n + 1n])
})

test('a processor value that the source did not have is NaN', () => {
  for (const text of ['null', '1e300', '-1e300']) {
    assert.ok(Number.isNaN(submitOf(json({ average_cpu_usage: text })).averageCpuPercent))
  }
  for (const bits of ['0000c07f', '0000807f', '000080ff']) {
    assert.ok(Number.isNaN(submitOf(hex(SUBMIT.slice(0, -8) + bits)).averageCpuPercent))
  }
  assert.equal(submitOf(json({ average_cpu_usage: '50' })).averageCpuPercent, 50)
})

test('order and spacing of JSON are free, and unknown fields are ignored', () => {
  const text = `{ "later" : [ "\u00fc" ],\n"SubmitData" : { "x": {"collector_id": 9},
    "average_cpu_usage": 1, "used_memory": 2, "total_memory": 3, "collector_id": 4 } }`
  assert.deepEqual(submitOf(ascii(text)), {
    type: 'submitData',
    collector: hex('4'.padStart(32, '0')),
    totalMemoryBytes: 3n,
    usedMemoryBytes: 2n,
    averageCpuPercent: 1,
  })
})

test('a field that is missing or of another type is named', () => {
  const wrong = ['-1', '1.5', '1e3', '"1"', 'null', '[]', '{}', 'true', '1'.repeat(40), (2n ** 128n).toString()]
  for (const field of ['collector_id', 'total_memory', 'used_memory']) {
    for (const text of wrong) {
      assert.throws(
        () => decodeV1Message(json({ [field]: text })),
        { ...MALFORMED, detail: { field } },
        `${field} ${text}`,
      )
    }
  }
  for (const field of ['total_memory', 'used_memory']) {
    assert.throws(() => decodeV1Message(json({ [field]: (2n ** 64n).toString() })), { ...MALFORMED, detail: { field } })
  }
  const field = 'average_cpu_usage'
  for (const text of ['"1"', 'true', '[]']) {
    assert.throws(() => decodeV1Message(json({ [field]: text })), { ...MALFORMED, detail: { field } })
  }
  assert.throws(() => decodeV1Message(ascii('{"SubmitData":{}}')), { ...MALFORMED, detail: { field: 'collector_id' } })
  assert.throws(() => decodeV1Message(ascii('{"SubmitData":{"__proto__":{"collector_id":1}}}')), MALFORMED)
})

test('another message is unknown', () => {
  for (const text of [
    '{}',
    '{"SubmitData":1}',
    '{"SubmitData":[]}',
    '{"Other":{}}',
    '{"__proto__":{"SubmitData":{}}}',
  ]) {
    assert.throws(() => decodeV1Message(ascii(text)), { code: 'MESSAGE_UNKNOWN' }, text)
  }
  for (const bytes of ['', '00', '000000', '02000000', '00000001', 'ffffffff']) {
    assert.throws(() => decodeV1Message(hex(bytes)), { code: 'MESSAGE_UNKNOWN' }, bytes)
  }
})

test('every proper prefix and every byte too many is refused', () => {
  for (const payload of [json(), hex(SUBMIT), hex(REQUEST)]) {
    for (let length = 0; length < payload.length; length++) {
      assert.throws(() => decodeV1Message(payload.subarray(0, length)), ProtocolError)
    }
    assert.throws(() => decodeV1Message(Uint8Array.of(...payload, 0)), MALFORMED)
  }
})

test('JSON that is deep, long or broken is refused', () => {
  const deep = (length: number): Uint8Array => ascii(`{"a":${'['.repeat(length)}${']'.repeat(length)}}`)
  assert.throws(() => decodeV1Message(deep(8000)), ProtocolError)
  assert.throws(() => decodeV1Message(deep(30_000)), MALFORMED)
  for (const text of ['{', '{"SubmitData":{}', '{"SubmitData":{"collector_id":01}}', '{}{}']) {
    assert.throws(() => decodeV1Message(ascii(text)), MALFORMED, text)
  }
})

test('flipped bits and random bytes give a message or a ProtocolError', () => {
  const decodeHostile = (payload: Uint8Array): void => {
    try {
      decodeV1Message(payload)
    } catch (error) {
      assert.ok(error instanceof ProtocolError, String(error))
    }
  }
  for (const payload of [json(), hex(SUBMIT), hex(REQUEST)]) {
    for (let bit = 0; bit < payload.length * 8; bit++) {
      const flipped = payload.slice()
      flipped[bit >>> 3] = (flipped[bit >>> 3] as number) ^ (0x80 >>> (bit & 7))
      decodeHostile(flipped)
    }
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), decodeHostile), { seed: 14, numRuns: 300 })
})
