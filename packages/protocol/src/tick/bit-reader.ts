import { ProtocolError } from '../errors.ts'
import { bitLength } from './bit-writer.ts'

/**
 * Reads bits, the first from the top of the first byte. Reads past the end give what they may; `isAtEnd` tells
 * afterwards.
 */
export class BitReader {
  /** The expectation that follows the code read last. */
  width = 0
  #bytes: Uint8Array = new Uint8Array(0)
  #view: DataView = new DataView(new ArrayBuffer(0))
  /** In bits, from the front of #bytes. */
  #position = 0
  #endPosition = 0
  /** From here on, a window of 40 bits would reach over the end of #bytes. */
  #lastWindow = 0

  open(bytes: Uint8Array, start: number, end: number): void {
    if (this.#bytes !== bytes) {
      this.#bytes = bytes
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      this.#lastWindow = (bytes.byteLength - 5) * 8
    }
    this.#position = start * 8
    this.#endPosition = end * 8
  }

  /** Reads a code that BitWriter.expGolomb wrote with the same `width`. Throws TICK_MALFORMED. */
  // Fast path: once a changed value; one load of 32 bits in place of four of 8 made it half as fast again (bench
  // codec).
  expGolomb(width: number): number {
    const k = width >>> 2
    const position = this.#position
    const window = position < this.#lastWindow ? this.#load32(position) : this.#peek32()
    const zeros = Math.clz32(window)
    const highBits = 2 * zeros + 1
    if (highBits + k > 32) return this.#longExpGolomb(width)
    // A shift by 32 would be one by 0, so the low bits are shifted down in two steps.
    const low = ((window << highBits) >>> 1) >>> (31 - k)
    this.#position = position + highBits + k
    const u = ((((window >>> (32 - highBits)) - 1) << k) | low) >>> 0
    this.width = width + 32 - Math.clz32(u) - k
    return u
  }

  #load32(position: number): number {
    const at = position >>> 3
    const shift = position & 7
    return (this.#view.getUint32(at) << shift) | ((this.#bytes[at + 4] as number) >>> (8 - shift))
  }

  f64(): number {
    SCRATCH.setUint32(0, this.#long(32))
    SCRATCH.setUint32(4, this.#long(32))
    return SCRATCH.getFloat64(0)
  }

  /** True if all bytes were read and nothing but zero bits is left of the last one. */
  isAtEnd(): boolean {
    const left = this.#endPosition - this.#position
    return left === 0 || (left > 0 && left < 8 && this.#peek32() >>> (32 - left) === 0)
  }

  #longExpGolomb(width: number): number {
    const k = width >>> 2
    let zeros = 0
    while (this.#long(1) === 0) {
      zeros++
      if (zeros > 52) throw new ProtocolError('TICK_MALFORMED', { zeros })
    }
    if (k + zeros > 54) throw new ProtocolError('TICK_MALFORMED', { zeros, width: k })
    const high = 2 ** zeros + this.#long(zeros)
    const u = (high - 1) * 2 ** k + this.#long(k)
    if (u >= 2 ** 53) throw new ProtocolError('TICK_MALFORMED', { zeros, width: k })
    this.width = width + bitLength(u) - k
    return u
  }

  #long(bits: number): number {
    let value = 0
    for (let left = bits; left > 0; ) {
      const chunk = Math.min(left, 16)
      value = value * 2 ** chunk + (this.#peek32() >>> (32 - chunk))
      this.#position += chunk
      left -= chunk
    }
    return value
  }

  #peek32(): number {
    const bytes = this.#bytes
    const at = this.#position >>> 3
    const shift = this.#position & 7
    const word =
      ((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)
    return ((word << shift) | ((bytes[at + 4] as number) >>> (8 - shift))) >>> 0
  }
}

const SCRATCH = new DataView(new ArrayBuffer(8))
