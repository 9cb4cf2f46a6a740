/** Counts the connections of each remote address, so that one machine cannot take the places of all others. */
export class AddressPlaces {
  readonly #max: number
  readonly #taken = new Map<string, number>()

  constructor(max: number) {
    this.#max = max
  }

  /** False when the address has all that one may have. Loopback has no bound: proxies and tunnels come from there. */
  take(address: string): boolean {
    if (isLoopback(address)) return true
    const taken = this.#taken.get(address) ?? 0
    if (taken >= this.#max) return false
    this.#taken.set(address, taken + 1)
    return true
  }

  /** Of a place that was taken. */
  leave(address: string): void {
    const taken = this.#taken.get(address) ?? 0
    if (taken > 1) this.#taken.set(address, taken - 1)
    else this.#taken.delete(address)
  }
}

/** IPv4 as it is, or within IPv6. */
function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address)
}
