import { MAX_EXACT } from './sensor.ts'

const INITIAL_BYTES = 8 * 1024
const MAX_BYTES = 1024 * 1024
const NEWLINE = 10
const SPACE = 32
const TAB = 9
const MINUS = 45
const POINT = 46
const ZERO = 48
const NINE = 57

/**
 * Reads numbers straight out of the bytes of one text file, line by line. Fast path: it runs for each line of /proc each
 * second, so it makes no strings and no garbage. One scanner serves all sensors, since they read one after the other.
 */
export class TextScanner {
  /** The text is bytes[0..end). */
  bytes: Buffer = Buffer.alloc(INITIAL_BYTES)
  end = 0
  position = 0

  /** Doubles the room and keeps what is there. False at 1 MiB, which no file that we read comes near. */
  grow(): boolean {
    if (this.bytes.length >= MAX_BYTES) return false
    const larger = Buffer.alloc(this.bytes.length * 2)
    this.bytes.copy(larger)
    this.bytes = larger
    return true
  }

  /** To the first line of a text of `lengthBytes`. */
  restart(lengthBytes: number): void {
    this.end = lengthBytes
    this.position = 0
  }

  atEnd(): boolean {
    return this.position >= this.end
  }

  /** To the start of the next line. */
  nextLine(): void {
    this.position = this.endOfLine() + 1
  }

  /** Where the line's newline is, or the end of the text. */
  endOfLine(): number {
    const newline = this.bytes.indexOf(NEWLINE, this.position)
    return newline === -1 || newline > this.end ? this.end : newline
  }

  skipSpaces(): void {
    while (this.position < this.end && isBlank(this.bytes[this.position] as number)) this.position++
  }

  /** Past the next `count` words of the line. */
  skipWords(count: number): void {
    for (let i = 0; i < count; i++) {
      this.skipSpaces()
      this.position = this.endOfWord()
    }
  }

  /** Where the word at the position ends. */
  endOfWord(): number {
    let at = this.position
    while (at < this.end && (this.bytes[at] as number) > SPACE) at++
    return at
  }

  /** A copy of what lies between the position and `end`. */
  copyTo(end: number): Buffer {
    return Buffer.from(this.bytes.subarray(this.position, end))
  }

  /** True if the text at the position begins with `word`. */
  at(word: Uint8Array): boolean {
    return this.has(word, this.position)
  }

  /** True if the text at `start` begins with `word`. */
  has(word: Uint8Array, start: number): boolean {
    if (start + word.length > this.end) return false
    for (let i = 0; i < word.length; i++) if (this.bytes[start + i] !== word[i]) return false
    return true
  }

  /** The next whole number of the line. NaN if there is none, and over 2^53 - 1. */
  integer(): number {
    this.skipSpaces()
    const negative = this.bytes[this.position] === MINUS && this.position < this.end
    if (negative) this.position++
    const magnitude = this.#digits()
    return negative ? -magnitude : magnitude
  }

  /** The next number of the line, such as `12.34`. NaN if there is none. */
  decimal(): number {
    const whole = this.integer()
    if (this.position >= this.end || this.bytes[this.position] !== POINT) return whole
    this.position++
    const start = this.position
    const fraction = this.#digits()
    return (whole * 10 ** (this.position - start) + fraction) / 10 ** (this.position - start)
  }

  /** The whole number with which the line ends. NaN if there is none. Leaves the position at the end of the line. */
  lastInteger(): number {
    const end = this.endOfLine()
    let start = end
    while (start > this.position && isDigit(this.bytes[start - 1] as number)) start--
    this.position = start
    return this.#digits()
  }

  #digits(): number {
    const start = this.position
    let value = 0
    while (this.position < this.end) {
      const byte = this.bytes[this.position] as number
      if (!isDigit(byte)) break
      value = value * 10 + (byte - ZERO)
      this.position++
    }
    return this.position === start || value > MAX_EXACT ? Number.NaN : value
  }
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE
}
