import type { Clock } from '../clock.ts'
import type { CollectorStatus, Fleet } from '../fleet/fleet.ts'
import type { Log } from '../log.ts'
import type { CollectorNo } from '../store/store.ts'
import type { ApiQuery } from './api-context.ts'
import type { WorkLimit } from './work-limit.ts'

interface Entry {
  readonly ratio: number | null
  readonly computedAtMs: number
}

interface CompletenessSources {
  readonly fleet: Pick<Fleet, 'get'>
  readonly query: Pick<ApiQuery, 'completeness'>
  readonly work: WorkLimit
  readonly clock: Clock
  readonly log: Log
}

const WINDOW_MS = 24 * 60 * 60 * 1000
const MAX_AGE_MS = 60_000
/** A share of less says nothing. */
const MIN_HISTORY_MS = 10 * 60 * 1000
/** Of one answer: a large fleet fills in as its list is asked for again. */
const MAX_COMPUTED = 200

/** How complete the last 24 hours of each collector are. It costs a query each, so it is kept for a minute. */
export class CompletenessCache {
  readonly #sources: CompletenessSources
  readonly #entries = new Map<CollectorNo, Entry>()

  constructor(sources: CompletenessSources) {
    this.#sources = sources
  }

  /** 0..1; null where nothing is known (yet). */
  get(collectorNo: CollectorNo): number | null {
    return this.#entries.get(collectorNo)?.ratio ?? null
  }

  /** Computes some of those that are due. Rejects when the signal fires. */
  async refresh(collectorNos: Iterable<CollectorNo>, signal: AbortSignal): Promise<void> {
    for (const no of this.#due(collectorNos)) {
      const ratio = await this.#compute(this.#sources.fleet.get(no), signal)
      // The map is in the order of the computations, the oldest first.
      this.#entries.delete(no)
      this.#entries.set(no, { ratio, computedAtMs: this.#sources.clock.monoMs() })
    }
  }

  /** Those that were never computed first, then the oldest. */
  #due(collectorNos: Iterable<CollectorNo>): CollectorNo[] {
    const asked = new Set(collectorNos)
    const due = Array.from(
      asked
        .values()
        .filter((no) => !this.#entries.has(no))
        .take(MAX_COMPUTED),
    )
    const oldestMs = this.#sources.clock.monoMs() - MAX_AGE_MS
    for (const [no, { computedAtMs }] of this.#entries) {
      if (due.length >= MAX_COMPUTED || computedAtMs >= oldestMs) break
      if (asked.has(no)) due.push(no)
    }
    return due
  }

  /** Null also when the reader fails: the fleet is shown all the same, and the next minute tries again. */
  async #compute({ record, state, lastTickMs }: CollectorStatus, signal: AbortSignal): Promise<number | null> {
    const { query, work, clock, log } = this.#sources
    // What a collector that is there has not flushed yet is on its way, not missing.
    const toMs = state === 'live' && lastTickMs !== null ? lastTickMs : clock.wallMs()
    try {
      const range = { fromMs: toMs - WINDOW_MS, toMs }
      const { storedTicks, expectedTicks } = await work.run(() => query.completeness(record.no, range), signal)
      return expectedTicks * record.intervalMs < MIN_HISTORY_MS ? null : Math.min(1, storedTicks / expectedTicks)
    } catch (error) {
      signal.throwIfAborted()
      log('warn', 'api', `the completeness of ${record.id} is not known: ${String(error)}`)
      return null
    }
  }
}
