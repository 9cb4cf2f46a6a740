import { ProtocolError } from '../errors.ts'
import { LIMITS } from '../limits.ts'

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

  text(name: string): string {
    const value = this.#own(name)
    if (typeof value !== 'string' || value.length > LIMITS.textLength) throw malformed(name)
    return value
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

  /** An object of short texts and numbers; anything else in it is left out. */
  facts(name: string): Record<string, string | number> {
    const value = this.#own(name)
    // A byte string is an object too, and listing the entries of a long one would cost a hundred times its size.
    if (!isPlainObject(value)) throw malformed(name)
    const facts: Record<string, string | number> = {}
    for (const [key, fact] of Object.entries(value).slice(0, 32)) {
      if (key.length > 64 || key === '__proto__') continue
      if (typeof fact === 'number' && Number.isFinite(fact)) facts[key] = fact
      if (typeof fact === 'string' && fact.length <= LIMITS.textLength) facts[key] = fact
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

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

function malformed(field: string): ProtocolError {
  return new ProtocolError('MESSAGE_MALFORMED', { field })
}
