/**
 * Chance that depends on a seed and the time alone, so that the same seed makes the same past however often and in whatever
 * order it is asked. Channels are independent of one another.
 */
export class Noise {
  readonly #seed: number

  constructor(seed: number) {
    this.#seed = seed
  }

  /** 0..1, another number each second. */
  white(channel: number, timeS: number): number {
    return this.#at(channel, Math.floor(timeS))
  }

  /** 0..1, wandering from one number to the next in `periodS`. */
  smooth(channel: number, timeS: number, periodS: number): number {
    const position = timeS / periodS
    const index = Math.floor(position)
    const from = this.#at(channel, index)
    const part = position - index
    return from + (this.#at(channel, index + 1) - from) * part * part * (3 - 2 * part)
  }

  /** True in `share` (0..1) of all stretches of `lengthS`. */
  happens(channel: number, timeS: number, lengthS: number, share: number): boolean {
    return this.#at(channel, Math.floor(timeS / lengthS)) < share
  }

  /** 0..1. The finalizer of MurmurHash3. */
  #at(channel: number, index: number): number {
    let h = Math.imul(this.#seed ^ Math.imul(channel + 1, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(index | 0, 0xc2b2ae35)
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
    return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32
  }
}
