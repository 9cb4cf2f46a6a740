import { ProtocolError, type ProtocolErrorCode } from '../errors.ts'

/** Reads numbers from the front of `bytes`. Every read past the end throws the code given at construction. */
export class ByteReader {
  readonly bytes: Uint8Array
  offset: number
  readonly #end: number
  readonly #code: ProtocolErrorCode

  constructor(bytes: Uint8Array, code: ProtocolErrorCode, offset = 0, end: number = bytes.length) {
    this.bytes = bytes
    this.offset = offset
    this.#end = end
    this.#code = code
  }

  get remainingBytes(): number {
    return this.#end - this.offset
  }

  u8(): number {
    if (this.offset >= this.#end) throw new ProtocolError(this.#code, { offset: this.offset })
    return this.bytes[this.offset++] as number
  }

  /** Big endian, 48 bits. */
  u48(): number {
    let value = 0
    for (let i = 0; i < 6; i++) value = value * 256 + this.u8()
    return value
  }

  /** Big endian. */
  f64(): number {
    const eight = this.take(8)
    return new DataView(eight.buffer, eight.byteOffset, 8).getFloat64(0)
  }

  /** LEB128, at most 2^53 - 1. */
  varint(): number {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = this.u8()
      value += (byte & 0x7f) * scale
      if (value > Number.MAX_SAFE_INTEGER) throw new ProtocolError(this.#code, { offset: this.offset })
      if (byte < 0x80) return value
      scale *= 128
      // 2^53 - 1 takes 8 bytes.
      if (scale === 2 ** 56) throw new ProtocolError(this.#code, { offset: this.offset })
    }
  }

  /** The sign in the lowest bit, the magnitude above it. */
  signed(): number {
    const first = this.u8()
    const low = (first & 0x7e) >>> 1
    const magnitude = first < 0x80 ? low : low + 64 * this.varint()
    if (magnitude > Number.MAX_SAFE_INTEGER) throw new ProtocolError(this.#code, { offset: this.offset })
    // Taken from 0, because -magnitude would be -0.
    return (first & 1) === 0 ? magnitude : 0 - magnitude
  }

  /** A view of the next `length` bytes. */
  take(length: number): Uint8Array {
    if (length > this.remainingBytes) throw new ProtocolError(this.#code, { offset: this.offset, length })
    this.offset += length
    return this.bytes.subarray(this.offset - length, this.offset)
  }
}
