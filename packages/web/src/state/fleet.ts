import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { ApiError, isUnreachable } from '../api/api-error.ts'
import type { Collector, CollectorState } from '../api/collector.ts'
import type { HttpApi } from '../api/http-api.ts'
import type { Cancel, Clock } from '../clock.ts'
import { matchesFilter } from './fleet-filter.ts'

const POLL_MS = 10_000
/** The order in which a page lists the states. */
export const STATE_ORDER: readonly CollectorState[] = ['live', 'late', 'silent', 'clone']

/** All collectors that the server knows: polled, and changed in between by what the live stream tells. */
export class Fleet {
  /** undefined until the first answer. */
  readonly collectors: Signal<ReadonlyMap<string, Collector> | undefined> = signal(undefined)
  readonly filter: Signal<string> = signal('')
  readonly stateFilter: Signal<CollectorState | null> = signal(null)
  /** Set by who leads to the fleet in order to filter it: the filter takes the focus when it appears, and clears this. */
  readonly wantsFilter: Signal<boolean> = signal(false)
  readonly counts: ReadonlySignal<Readonly<Record<CollectorState, number>>>
  /** Ids that pass both filters, by name. */
  readonly shown: ReadonlySignal<readonly string[]>
  readonly #api: HttpApi
  readonly #onUnreachable: () => void

  constructor(api: HttpApi, onUnreachable: () => void) {
    this.#api = api
    this.#onUnreachable = onUnreachable
    this.counts = computed(() => {
      const counts = { live: 0, late: 0, silent: 0, clone: 0 }
      for (const collector of this.collectors.value?.values() ?? []) counts[collector.state]++
      return counts
    })
    this.shown = computed(() => this.#shown())
  }

  /** Polls until the returned function is called. */
  start(clock: Clock): Cancel {
    const abort = new AbortController()
    const poll = (): void => void this.#poll(abort.signal)
    poll()
    const stop = clock.every(POLL_MS, poll)
    return () => {
      stop()
      abort.abort()
    }
  }

  refresh(): void {
    void this.#poll(new AbortController().signal)
  }

  /** A row, or some of its fields, as the live stream told it. A collector that is not known yet comes with the next poll. */
  update(id: string, row: Partial<Collector>): void {
    const known = this.collectors.peek()
    const before = known?.get(id)
    if (known === undefined || before === undefined) {
      this.refresh()
      return
    }
    this.collectors.value = new Map(known).set(id, { ...before, ...row, id })
  }

  async #poll(signal: AbortSignal): Promise<void> {
    try {
      const collectors = await this.#api.collectors(signal)
      this.collectors.value = new Map(collectors.map((collector) => [collector.id, collector]))
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof ApiError)) throw error
      if (isUnreachable(error)) this.#onUnreachable()
    }
  }

  #shown(): string[] {
    const state = this.stateFilter.value
    const filter = this.filter.value
    const compare = new Intl.Collator('en', { numeric: true, sensitivity: 'base' }).compare
    return [...(this.collectors.value?.values() ?? [])]
      .filter((collector) => (state === null || collector.state === state) && matchesFilter(collector, filter))
      .sort((a, b) => compare(a.name, b.name) || compare(a.id, b.id))
      .map((collector) => collector.id)
  }
}
