interface Entry<V> {
  readonly value: V
  readonly cost: number
}

/** Keeps values up to a total cost; what was used longest ago goes first. The newest stays whatever it costs. */
export class BoundedCache<K, V> {
  readonly #maxCost: number
  /** Ordered by use. */
  readonly #entries = new Map<K, Entry<V>>()
  #cost = 0

  constructor(maxCost: number) {
    this.#maxCost = maxCost
  }

  get cost(): number {
    return this.#cost
  }

  get(key: K): V | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry.value
  }

  set(key: K, value: V, cost: number): void {
    this.#delete(key)
    this.#entries.set(key, { value, cost })
    this.#cost += cost
    for (const oldest of this.#entries.keys()) {
      if (this.#cost <= this.#maxCost || oldest === key) return
      this.#delete(oldest)
    }
  }

  #delete(key: K): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    this.#cost -= entry.cost
  }
}
