import { ServerError } from '../errors.ts'
import type { Counter } from '../metrics/counters.ts'

/**
 * Lets so many pieces of work run at a time; others wait in the order in which they came. One page with many charts must not
 * make all others wait behind it in the reader, and whoever has gone away must not be worked for.
 */
export class WorkLimit {
  readonly #maxRunning: number
  readonly #maxWaiting: number
  readonly #running: Counter
  readonly #waitingCount: Counter
  readonly #waiting = new Set<() => void>()

  constructor(
    bounds: { readonly maxRunning: number; readonly maxWaiting: number },
    gauges: { readonly running: Counter; readonly waiting: Counter },
  ) {
    this.#maxRunning = bounds.maxRunning
    this.#maxWaiting = bounds.maxWaiting
    this.#running = gauges.running
    this.#waitingCount = gauges.waiting
  }

  /** Rejects with STORE_BUSY when too many wait, and with the signal's reason when it fires before the work began. */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted()
    if (this.#running.value < this.#maxRunning) this.#running.value++
    else await this.#turn(signal)
    try {
      return await work()
    } finally {
      this.#release()
    }
  }

  /** The pieces of a source, each of them one piece of work: a slow reader holds no place while it reads. */
  async *stream<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T, void, undefined> {
    const iterator = source[Symbol.asyncIterator]()
    try {
      for (;;) {
        const next = await this.run(() => iterator.next(), signal)
        if (next.done === true) return
        yield next.value
      }
    } finally {
      await iterator.return?.()
    }
  }

  /** Resolves with a place taken: whoever is done hands its place on. */
  async #turn(signal: AbortSignal): Promise<void> {
    if (this.#waiting.size >= this.#maxWaiting) throw new ServerError('STORE_BUSY', { what: 'too many queries wait' })
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const abort = (): void => {
      this.#waiting.delete(resolve)
      reject(signal.reason as Error)
    }
    signal.addEventListener('abort', abort, { once: true })
    this.#waiting.add(resolve)
    this.#waitingCount.value++
    try {
      await promise
    } finally {
      this.#waitingCount.value--
      signal.removeEventListener('abort', abort)
    }
  }

  #release(): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#running.value--
      return
    }
    this.#waiting.delete(next)
    next()
  }
}
