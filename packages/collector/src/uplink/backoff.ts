/** No wait is shorter, whatever a server asks for. */
export const FLOOR_MS = 250
const HEALTHY_MS = 60_000

/**
 * How long to wait before the next connection: a random time within a span that doubles, so that a fleet that lost its server
 * together does not come back together. Falls back to the shortest only after a healthy minute.
 */
export class Backoff {
  readonly #capMs: number
  readonly #random: () => number
  #failures = 0

  /** `random` gives numbers in 0..1. */
  constructor(capMs: number, random: () => number) {
    this.#capMs = capMs
    this.#random = random
  }

  /** The wait after a connection that had acks for `healthyMs`; 0 if it never had one. */
  nextMs(healthyMs: number): number {
    if (healthyMs >= HEALTHY_MS) this.#failures = 0
    const spanMs = Math.min(this.#capMs, 1000 * 2 ** this.#failures)
    this.#failures = Math.min(this.#failures + 1, 20)
    return Math.max(FLOOR_MS, this.#random() * spanMs)
  }

  /** The wait that a server asked for, spread over as much again; never shorter than without its word. */
  askedMs(retryAfterMs: number, healthyMs: number): number {
    return Math.max(this.nextMs(healthyMs), retryAfterMs + this.#random() * retryAfterMs)
  }
}
