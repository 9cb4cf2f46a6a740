/**
 * Writes numbers into a buffer that grows; what ByteReader reads. Numbers are whole (f64 apart), from 0 to
 * 2^53 - 1 unless it is said. What `written` returns is a view until the next write.
 */
export class ByteWriter {
  #bytes: Uint8Array
  #length = 0

  constructor(capacityBytes = 256) {
    this.#bytes = new Uint8Array(capacityBytes)
  }

  get length(): number {
    return this.#length
  }

  /** What the buffer takes up, filled or not. */
  get capacityBytes(): number {
    return this.#bytes.length
  }

  clear(): void {
    this.#length = 0
  }

  u8(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = value
  }

  /** Big endian, 48 bits. */
  u48(value: number): void {
    this.#reserve(6)
    for (let i = 5, rest = value; i >= 0; i--, rest = Math.floor(rest / 256)) this.#bytes[this.#length + i] = rest % 256
    this.#length += 6
  }

  /** Big endian. */
  f64(value: number): void {
    this.#reserve(8)
    new DataView(this.#bytes.buffer, this.#length, 8).setFloat64(0, value)
    this.#length += 8
  }

  /** LEB128. */
  varint(value: number): void {
    this.#reserve(8)
    let rest = value
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 128) | 0x80
      rest = Math.floor(rest / 128)
    }
    this.#bytes[this.#length++] = rest
  }

  /** The sign in the lowest bit, the magnitude above it, LEB128. Of either sign. */
  signed(value: number): void {
    const magnitude = Math.abs(value)
    const first = (magnitude % 64) * 2 + (value < 0 ? 1 : 0)
    if (magnitude < 64) {
      this.u8(first)
      return
    }
    this.u8(first | 0x80)
    this.varint(Math.floor(magnitude / 64))
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** A view of all that was written since `clear`; the next write may overwrite it. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count))
    grown.set(this.#bytes)
    this.#bytes = grown
  }
}
