import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { ProtocolError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { encodeFrame, FRAME_OVERHEAD_BYTES, type Frame, frameSeconds, parseFrame } from './frame.ts'
import { FrameReader } from './frame-reader.ts'

/** Captured from collectors in the field (docs/wire-format.md, "Version 1"). */
const CAPTURED = [
  '04d200016b02d7aa0000005d7b225375626d697444617461223a7b22636f6c6c6563746f725f6964223a302c22746f74616c5f6d656d6f7279223a3130302c22757365645f6d656d6f7279223a35302c22617665726167655f6370755f7573616765223a302e357d7de5264e54',
  '04d200016b02d7e7000000967b225375626d697444617461223a7b22636f6c6c6563746f725f6964223a33303333343934313037353632353934303936353231373933363735353036353536313731322c22746f74616c5f6d656d6f7279223a32353237363530323031362c22757365645f6d656d6f7279223a3535383630383338342c22617665726167655f6370755f7573616765223a37382e34373134397d7d10e551a7',
  '04d200016b02d88b00000028000000007022a3ad0ddd88941c44583a114cd21600d098e20500000000a0652e000000000a35b942f392a294',
  '04d200016b02d88b00000014010000007022a3ad0ddd88941c44583a114cd2168df5d714',
].map((hex) => Uint8Array.fromHex(hex))

const parse = (bytes: Uint8Array): ReturnType<typeof parseFrame> => parseFrame(bytes, 0, bytes.length, crc32)

function parseWhole(bytes: Uint8Array): Frame {
  const parsed = parse(bytes)
  assert.notEqual(parsed, 'incomplete')
  assert.ok(parsed !== 'incomplete' && parsed.consumedBytes === bytes.length)
  return parsed.frame
}

/** Copies of the frames that a reader gives when fed `chunks`. */
function readAll(reader: FrameReader, chunks: Iterable<Uint8Array>): Frame[] {
  const frames: Frame[] = []
  for (const chunk of chunks) {
    reader.push(chunk.slice())
    for (let frame = reader.next(); frame !== undefined; frame = reader.next()) frames.push(frame)
  }
  // Copied at the end: a view must not change while more is pushed.
  return frames.map((frame) => ({ ...frame, payload: frame.payload.slice() }))
}

test('captured frames are read, and written again to the same bytes', () => {
  const seconds = [0x6b02d7aa, 0x6b02d7e7, 0x6b02d88b, 0x6b02d88b]
  for (const [i, bytes] of CAPTURED.entries()) {
    const frame = parseWhole(bytes)
    assert.equal(frame.version, 1)
    assert.equal(frame.sentAtS, seconds[i])
    assert.deepEqual(encodeFrame(1, frame.sentAtS, frame.payload, crc32), bytes)
  }
})

test('a version 2 frame has these bytes', () => {
  const bytes = encodeFrame(2, 1_700_000_000.9, Uint8Array.of(0x0a, 0xa0), crc32)
  assert.equal(
    bytes.toHex(),
    `04d2000265 53f100 00000002 0aa0 ${crc32(Uint8Array.of(0x0a, 0xa0)).toString(16)}`.replaceAll(' ', ''),
  )
})

test('a clock outside 1970..2106 is sent as its nearest end', () => {
  assert.deepEqual([-5, 0, 1.9, 2 ** 40].map(frameSeconds), [0, 0, 1, 0xffffffff])
})

test('every proper prefix of a frame is incomplete', () => {
  for (const bytes of CAPTURED) {
    for (let length = 0; length < bytes.length; length++) {
      assert.equal(parse(bytes.subarray(0, length)), 'incomplete')
      assert.equal(parseFrame(bytes, 0, length, crc32), 'incomplete')
    }
  }
})

test('a flipped bit is refused, is incomplete, or changes the time alone', () => {
  for (const bytes of CAPTURED) {
    const original = parseWhole(bytes)
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice()
      flipped[bit >>> 3] = (flipped[bit >>> 3] as number) ^ (0x80 >>> (bit & 7))
      const at = bit >>> 3
      if (at >= 4 && at < 8) {
        assert.deepEqual(parseWhole(flipped).payload, original.payload)
        continue
      }
      try {
        // A longer length waits for bytes that the next frame brings, whose checksum then fails.
        assert.ok(parse(flipped) === 'incomplete' && at >= 8 && at < 12, `bit ${bit}`)
      } catch (error) {
        assert.ok(error instanceof ProtocolError, String(error))
      }
    }
  }
})

test('a wrong byte is refused as soon as it is there', () => {
  for (const [hex, code] of [
    ['16', 'FRAME_MAGIC'],
    ['0416', 'FRAME_MAGIC'],
    ['04d200030000000000000000', 'FRAME_VERSION'],
    ['04d200000000000000000000', 'FRAME_VERSION'],
    ['04d2000200000000ffffffff', 'FRAME_TOO_LARGE'],
    ['04d200010000000000010001', 'FRAME_TOO_LARGE'],
  ] as const) {
    assert.throws(() => parse(Uint8Array.fromHex(hex)), { code }, hex)
  }
  assert.equal(parse(Uint8Array.fromHex('04d200010000000000010000')), 'incomplete')
})

test('frames arrive whole when they come byte by byte', () => {
  const reader = new FrameReader(crc32)
  const bytes = Uint8Array.from(CAPTURED.flatMap((one) => [...one]))
  const frames = readAll(
    reader,
    Array.from(bytes, (byte) => Uint8Array.of(byte)),
  )
  assert.deepEqual(frames, CAPTURED.map(parseWhole))
  assert.equal(reader.bufferedBytes, 0)
})

test('frames arrive whole when the stream is cut once at any byte', () => {
  const bytes = Uint8Array.from(CAPTURED.flatMap((one) => [...one]))
  const wanted = CAPTURED.map(parseWhole)
  for (let cut = 0; cut <= bytes.length; cut++) {
    assert.deepEqual(readAll(new FrameReader(crc32), [bytes.subarray(0, cut), bytes.subarray(cut)]), wanted)
  }
})

test('frames arrive whole wherever the stream is cut', () => {
  const payload = fc.uint8Array({ maxLength: 300 })
  const sent = fc.array(fc.record({ version: fc.constantFrom(1 as const, 2 as const), sentAtS: fc.nat(), payload }))
  fc.assert(
    fc.property(sent, fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }), (frames, sizes) => {
      const bytes = Uint8Array.from(
        frames.flatMap((frame) => [...encodeFrame(frame.version, frame.sentAtS, frame.payload, crc32)]),
      )
      const chunks: Uint8Array[] = []
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const size = sizes[i % sizes.length] as number
        chunks.push(bytes.subarray(at, at + size))
        at += size
      }
      const read = readAll(new FrameReader(crc32), chunks)
      assert.deepEqual(
        read,
        frames.map((frame) => ({ ...frame })),
      )
    }),
    { seed: 4, numRuns: 200 },
  )
})

test('a forged length is refused before anything is buffered for it', () => {
  const reader = new FrameReader(crc32)
  for (const byte of Uint8Array.fromHex('04d20002000000000500')) reader.push(Uint8Array.of(byte))
  assert.equal(reader.next(), undefined)
  reader.push(Uint8Array.of(0, 1))
  assert.throws(() => reader.next(), { code: 'FRAME_TOO_LARGE' })
})

test('a frame of the largest size that comes a byte at a time keeps less than three times its bytes', () => {
  const bytes = encodeFrame(2, 1, new Uint8Array(LIMITS.framePayloadBytes).fill(7), crc32)
  const reader = new FrameReader(crc32)
  let frame: Frame | undefined
  for (let at = 0; at < bytes.length; at++) {
    assert.equal(frame, undefined)
    reader.push(bytes.slice(at, at + 1))
    assert.equal(reader.bufferedBytes, at + 1)
    frame = reader.next()
  }
  assert.ok(frame !== undefined)
  assert.equal(frame.payload.length, bytes.length - FRAME_OVERHEAD_BYTES)
  assert.ok(frame.payload.buffer.byteLength < 3 * bytes.length)
})

test('random bytes give frames, more to wait for, or a ProtocolError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 0, max: 12 }), (garbage, keep) => {
      try {
        parse(Uint8Array.of(...Uint8Array.fromHex('04d200020000000000000004').subarray(0, keep), ...garbage))
      } catch (error) {
        assert.ok(error instanceof ProtocolError, String(error))
      }
    }),
    { seed: 5, numRuns: 500 },
  )
})
