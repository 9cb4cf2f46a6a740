import { type Crc32, type Frame, parseFrame } from './frame.ts'

/**
 * Cuts a stream into frames, wherever the stream was cut before. Holds at most one incomplete frame and the chunk that
 * came last. After an error the stream can't be trusted: `next` must not be called again.
 */
export class FrameReader {
  readonly #crc32: Crc32
  #bytes: Uint8Array = new Uint8Array(0)
  #offset = 0
  #end = 0
  /** Whether #bytes is a buffer of this reader, with room behind #end, and not a chunk. */
  #owned = false

  constructor(crc32: Crc32) {
    this.#crc32 = crc32
  }

  /** Bytes that came and are not yet part of a frame that `next` gave. */
  get bufferedBytes(): number {
    return this.#end - this.#offset
  }

  /** Takes ownership of `chunk`: frames are views into it. */
  push(chunk: Uint8Array): void {
    const left = this.bufferedBytes
    if (left === 0) {
      this.#bytes = chunk
      this.#offset = 0
      this.#end = chunk.length
      this.#owned = false
      return
    }
    this.#reserve(left, chunk.length)
    this.#bytes.set(chunk, this.#end)
    this.#end += chunk.length
  }

  /** The next whole frame; undefined if more bytes must come first. Throws what parseFrame throws. */
  next(): Frame | undefined {
    if (this.#offset === this.#end) return undefined
    const parsed = parseFrame(this.#bytes, this.#offset, this.#end, this.#crc32)
    if (parsed === 'incomplete') return undefined
    this.#offset += parsed.consumedBytes
    return parsed.frame
  }

  /**
   * Room for `count` bytes behind those that are left. Doubles, so that a frame that comes a byte at a time is not
   * copied at each of them; a fresh buffer each time, because frames already given are views into the old one.
   */
  #reserve(left: number, count: number): void {
    if (this.#owned && this.#end + count <= this.#bytes.length) return
    const room = new Uint8Array(Math.max(2 * left, left + count, 64))
    room.set(this.#bytes.subarray(this.#offset, this.#end))
    this.#bytes = room
    this.#offset = 0
    this.#end = left
    this.#owned = true
  }
}
