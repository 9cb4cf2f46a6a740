import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { CollectorNo } from '../store/store.ts'
import type { ApiQuery } from './api-context.ts'
import type { WorkLimit } from './work-limit.ts'

interface Entry {
  readonly ratio: number | null
  readonly computedAtMs: number
}

interface CompletenessSources {
  readonly query: Pick<ApiQuery, 'completeness'>
  readonly work: WorkLimit
  readonly clock: Clock
  readonly log: Log
}

const WINDOW_MS = 24 * 60 * 60 * 1000
const MAX_AGE_MS = 60_000
/** Of one answer: a large fleet fills in as its list is asked for again. */
const MAX_COMPUTED = 200

/** How complete the last 24 hours of each collector are. It costs a query each, so it is kept for a minute. */
export class CompletenessCache {
  readonly #sources: CompletenessSources
  readonly #entries = new Map<CollectorNo, Entry>()

  constructor(sources: CompletenessSources) {
    this.#sources = sources
  }

  /** 0..1 a collector, in the order given; null where nothing is known (yet). Rejects when the signal fires. */
  async of(collectorNos: readonly CollectorNo[], signal: AbortSignal): Promise<(number | null)[]> {
    const oldestMs = this.#sources.clock.monoMs() - MAX_AGE_MS
    const computedAtMs = (no: CollectorNo): number => this.#entries.get(no)?.computedAtMs ?? Number.NEGATIVE_INFINITY
    const stale = collectorNos.filter((no) => computedAtMs(no) < oldestMs)
    // Those that were never computed first, then the oldest.
    const due = stale.sort((a, b) => (computedAtMs(a) < computedAtMs(b) ? -1 : 1)).slice(0, MAX_COMPUTED)
    for (const no of due) {
      const ratio = await this.#compute(no, signal)
      this.#entries.set(no, { ratio, computedAtMs: this.#sources.clock.monoMs() })
    }
    return collectorNos.map((no) => this.#entries.get(no)?.ratio ?? null)
  }

  /** Null also when the reader fails: the fleet is shown all the same, and the next minute tries again. */
  async #compute(collectorNo: CollectorNo, signal: AbortSignal): Promise<number | null> {
    const { query, work, clock, log } = this.#sources
    const toMs = clock.wallMs()
    try {
      const range = { fromMs: toMs - WINDOW_MS, toMs }
      const { storedTicks, expectedTicks } = await work.run(() => query.completeness(collectorNo, range), signal)
      return expectedTicks === 0 ? null : Math.min(1, storedTicks / expectedTicks)
    } catch (error) {
      signal.throwIfAborted()
      log('warn', 'api', `the completeness of collector number ${collectorNo} is not known: ${String(error)}`)
      return null
    }
  }
}
