/** One block of the reference encoder: offsets of two bytes reach everywhere in it. */
const MAX_INPUT_BYTES = 0x1_0000
const TABLE_BITS = 14
/** What the reference multiplies four bytes with to find their place in the table. */
const HASH_FACTOR = 0x1e35_a7bd
const MIN_COPY_BYTES = 4
const MAX_COPY_BYTES = 64
/** Longer literals have their length behind the tag. */
const MAX_TAGGED_LITERAL_BYTES = 60

const LITERAL = 0
const COPY_1_BYTE_OFFSET = 1
const COPY_2_BYTE_OFFSET = 2

/**
 * Compresses `input`, of 64 KiB at most, as the reference encoder does: it looks for four bytes that came before and copies as far as
 * they go on alike. Returns a new array.
 *
 *   | length of input : varint | element | element | …
 *
 *   literal  | n-1 : 6 | 00 |  or  | 60 or 61 : 6 | 00 | n-1 : u8 or u16 |   then n bytes
 *   copy     | offset>>8 : 3 | n-4 : 3 | 01 | offset : u8 |                  4 to 11 bytes, offset < 2048
 *   copy     | n-1 : 6 | 10 | offset : u16 |                                 1 to 64 bytes; little endian
 *
 * Format: https://github.com/google/snappy/blob/main/format_description.txt
 */
export function snappyCompress(input: Uint8Array): Uint8Array {
  if (input.length > MAX_INPUT_BYTES) throw new RangeError(`BUG: ${input.length} bytes are more than one snappy block`)
  const output = new SnappyWriter(input)
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength)
  const places = new Int32Array(1 << TABLE_BITS).fill(-1)
  let literalStart = 0
  let at = 0
  // The longer nothing is found, the larger the steps.
  let misses = 32
  while (at + MIN_COPY_BYTES <= input.length) {
    const four = view.getUint32(at, true)
    const hash = Math.imul(four, HASH_FACTOR) >>> (32 - TABLE_BITS)
    const before = places[hash] as number
    places[hash] = at
    if (before < 0 || view.getUint32(before, true) !== four) {
      at += misses++ >> 5
      continue
    }
    let end = at + MIN_COPY_BYTES
    while (end < input.length && input[end] === input[before + end - at]) end++
    output.literal(literalStart, at)
    output.copy(at - before, end - at)
    at = end
    literalStart = end
    misses = 32
  }
  output.literal(literalStart, input.length)
  return output.written()
}

class SnappyWriter {
  readonly #input: Uint8Array
  readonly #bytes: Uint8Array
  #length = 0

  constructor(input: Uint8Array) {
    this.#input = input
    // A literal costs 3 bytes at most, and the copy behind it saves one at least.
    this.#bytes = new Uint8Array(input.length + input.length / 4 + 8)
    let rest = input.length
    for (; rest > 0x7f; rest >>>= 7) this.#byte((rest & 0x7f) | 0x80)
    this.#byte(rest)
  }

  literal(start: number, end: number): void {
    const last = end - start - 1
    if (last < 0) return
    if (last < MAX_TAGGED_LITERAL_BYTES) this.#byte((last << 2) | LITERAL)
    else if (last < 0x100) {
      this.#byte((MAX_TAGGED_LITERAL_BYTES << 2) | LITERAL)
      this.#byte(last)
    } else {
      this.#byte(((MAX_TAGGED_LITERAL_BYTES + 1) << 2) | LITERAL)
      this.#uint16(last)
    }
    this.#bytes.set(this.#input.subarray(start, end), this.#length)
    this.#length += end - start
  }

  copy(offset: number, count: number): void {
    let left = count
    // Leaves four at least for the last one, which may then be the short form.
    for (; left >= MAX_COPY_BYTES + MIN_COPY_BYTES; left -= MAX_COPY_BYTES) this.#longCopy(offset, MAX_COPY_BYTES)
    if (left > MAX_COPY_BYTES) {
      this.#longCopy(offset, MAX_COPY_BYTES - MIN_COPY_BYTES)
      left -= MAX_COPY_BYTES - MIN_COPY_BYTES
    }
    if (left >= 12 || offset >= 2048) {
      this.#longCopy(offset, left)
      return
    }
    this.#byte(((offset >> 8) << 5) | ((left - MIN_COPY_BYTES) << 2) | COPY_1_BYTE_OFFSET)
    this.#byte(offset & 0xff)
  }

  written(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  #longCopy(offset: number, count: number): void {
    this.#byte(((count - 1) << 2) | COPY_2_BYTE_OFFSET)
    this.#uint16(offset)
  }

  #uint16(value: number): void {
    this.#byte(value & 0xff)
    this.#byte(value >> 8)
  }

  #byte(value: number): void {
    this.#bytes[this.#length++] = value
  }
}
