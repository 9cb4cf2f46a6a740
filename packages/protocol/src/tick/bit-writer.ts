/** Writes bits, the first into the top of the first byte. */
export class BitWriter {
  #bytes = new Uint8Array(512)
  #length = 0
  /** The low `#pendingBits` (0..7) bits of this are not yet in `#bytes`. */
  #pending = 0
  #pendingBits = 0

  clear(): void {
    this.#length = 0
    this.#pending = 0
    this.#pendingBits = 0
  }

  /**
   * Writes the adaptive Exp-Golomb code of `u` (0 ≤ u < 2^52) and returns the expectation that follows it.
   * Format: tick-format.ts.
   */
  expGolomb(u: number, width: number): number {
    const k = width >>> 2
    if (u > 0x3fffffff || k > 24) return this.#longExpGolomb(u, width)
    const high = (u >>> k) + 1
    const highBits = 63 - 2 * Math.clz32(high)
    const low = u & ((1 << k) - 1)
    if (highBits + k <= 24) this.#put((high << k) | low, highBits + k)
    else {
      this.putLong(high, highBits)
      this.#put(low, k)
    }
    return width + 32 - Math.clz32(u) - k
  }

  f64(value: number): void {
    SCRATCH.setFloat64(0, value)
    for (let i = 0; i < 8; i++) this.#put(SCRATCH.getUint8(i), 8)
  }

  /** Writes `value` (an integer below 2^53) in `bits` bits. */
  putLong(value: number, bits: number): void {
    for (let left = bits; left > 0; ) {
      const chunk = Math.min(left, 16)
      left -= chunk
      this.#put(Math.floor(value / 2 ** left) % 2 ** chunk, chunk)
    }
  }

  /** Pads with zeros to a whole byte. A view until the next write. */
  finish(): Uint8Array {
    if (this.#pendingBits > 0) this.#put(0, 8 - this.#pendingBits)
    return this.#bytes.subarray(0, this.#length)
  }

  #longExpGolomb(u: number, width: number): number {
    const k = width >>> 2
    const scale = 2 ** k
    const high = Math.floor(u / scale) + 1
    const zeros = bitLength(high) - 1
    this.putLong(high, 2 * zeros + 1)
    this.putLong(u % scale, k)
    return width + bitLength(u) - k
  }

  /** `bits` ≤ 24, so that with 7 pending ones all fit in 31. */
  #put(value: number, bits: number): void {
    let pending = (this.#pending << bits) | value
    let count = this.#pendingBits + bits
    if (this.#length + 4 > this.#bytes.length) this.#grow()
    while (count >= 8) {
      count -= 8
      this.#bytes[this.#length++] = pending >>> count
    }
    pending &= (1 << count) - 1
    this.#pending = pending
    this.#pendingBits = count
  }

  #grow(): void {
    const grown = new Uint8Array(this.#bytes.length * 2)
    grown.set(this.#bytes)
    this.#bytes = grown
  }
}

const SCRATCH = new DataView(new ArrayBuffer(8))

/** Bits of a whole number below 2^53: 0 has none. */
export function bitLength(value: number): number {
  return value < 2 ** 32 ? 32 - Math.clz32(value) : 64 - Math.clz32(value / 2 ** 32)
}
