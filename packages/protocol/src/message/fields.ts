import { ProtocolError } from '../errors.ts'
import { LIMITS } from '../limits.ts'

const FACT_NAME_BYTES = 64
/** What a number takes at most. */
const NUMBER_BYTES = 8

/** Reads the fields of a decoded message by type. Each method throws MESSAGE_MALFORMED that names the field. */
export class Fields {
  readonly #map: Readonly<Record<string, unknown>>

  constructor(map: Readonly<Record<string, unknown>>) {
    this.#map = map
  }

  /** A whole number from `min` to `max`. */
  whole(name: string, max: number = Number.MAX_SAFE_INTEGER, min = 0): number {
    const value = checkWhole(this.#own(name), name, max)
    if (value < min) throw malformed(name)
    return value
  }

  /** For people: what is over LIMITS.textBytes is cut off, as no tick should be lost for a long name. */
  text(name: string): string {
    const value = this.#own(name)
    if (typeof value !== 'string') throw malformed(name)
    return cutText(value, LIMITS.textBytes)
  }

  bytes(name: string, length: number): Uint8Array {
    return checkBytes(this.#own(name), name, length)
  }

  /** A list of at most `max` items, each read by `item`. */
  list<T>(name: string, max: number, item: (value: unknown) => T): T[] {
    const value = this.#own(name)
    if (!Array.isArray(value) || value.length > max) throw malformed(name)
    return value.map(item)
  }

  /** A list of rows of whole numbers, `columns` in each. */
  table(name: string, max: number, columns: number): number[][] {
    return this.list(name, max, (row) => {
      if (!Array.isArray(row) || row.length !== columns) throw malformed(name)
      return row.map((value) => checkWhole(value, name, Number.MAX_SAFE_INTEGER))
    })
  }

  /** An object of short texts and numbers; anything else in it, and what is over the limits of a host, is left out. */
  facts(name: string): Record<string, string | number> {
    const value = this.#own(name)
    // A byte string is an object too, and listing the entries of a long one would cost a hundred times its size.
    if (!isPlainObject(value)) throw malformed(name)
    const facts: Record<string, string | number> = {}
    let leftBytes: number = LIMITS.hostBytes
    for (const [key, fact] of Object.entries(value).slice(0, LIMITS.hostFacts)) {
      if (key === '__proto__' || !isFact(fact)) continue
      const keyBytes = textBytes(key, FACT_NAME_BYTES)
      const factBytes = typeof fact === 'string' ? textBytes(fact, LIMITS.textBytes) : NUMBER_BYTES
      if (keyBytes > FACT_NAME_BYTES || factBytes > LIMITS.textBytes || keyBytes + factBytes > leftBytes) continue
      leftBytes -= keyBytes + factBytes
      facts[key] = fact
    }
    return facts
  }

  #own(name: string): unknown {
    return Object.hasOwn(this.#map, name) ? this.#map[name] : undefined
  }
}

export function checkBytes(value: unknown, name: string, length: number): Uint8Array {
  if (!(value instanceof Uint8Array) || value.length !== length) throw malformed(name)
  return new Uint8Array(value)
}

function checkWhole(value: unknown, name: string, max: number): number {
  // cbor-x gives a BigInt for a number of 8 bytes that would fit.
  const whole = typeof value === 'bigint' ? Number(value) : value
  if (typeof whole !== 'number' || !Number.isSafeInteger(whole) || whole < 0 || whole > max) throw malformed(name)
  // Adding 0 makes -0 into 0.
  return whole + 0
}

function isFact(value: unknown): value is string | number {
  return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))
}

/** The longest beginning, of whole characters, that takes at most `maxBytes` as UTF-8. */
function cutText(text: string, maxBytes: number): string {
  let bytes = 0
  let units = 0
  for (const character of text) {
    bytes += characterBytes(character)
    if (bytes > maxBytes) return text.slice(0, units)
    units += character.length
  }
  return text
}

/** As UTF-8; counts no further than just over `maxBytes`. */
function textBytes(text: string, maxBytes: number): number {
  let bytes = 0
  for (const character of text) {
    bytes += characterBytes(character)
    if (bytes > maxBytes) return bytes
  }
  return bytes
}

function characterBytes(character: string): number {
  const code = character.codePointAt(0) as number
  if (code < 0x80) return 1
  if (code < 0x800) return 2
  return code < 0x10000 ? 3 : 4
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

function malformed(field: string): ProtocolError {
  return new ProtocolError('MESSAGE_MALFORMED', { field })
}
