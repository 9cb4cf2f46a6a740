import type { CollectorNo } from '../store/store.ts'

/** What others may ask of a session that streams. */
export interface StreamingSession {
  /** The runs that its Hello listed. */
  readonly runs: readonly number[]
  /** How often the collector is to flush; 0 leaves it to the collector. */
  pace(flushMs: number): void
  /** A task waits for the collector. */
  taskAdded(): void
  /** A newer connection carries the same run. */
  superseded(): void
}

const NONE: ReadonlySet<StreamingSession> = new Set()

/**
 * The sessions that stream, by collector. A run is carried by the connection whose Hello came last. Other runs of the same collector are
 * another process, or a copied card: both are served, neither is turned away.
 */
export class SessionDirectory {
  readonly #sessions = new Map<CollectorNo, Set<StreamingSession>>()

  enter(collectorNo: CollectorNo, session: StreamingSession): void {
    const sessions = this.#sessions.get(collectorNo) ?? new Set()
    const older = [...sessions].filter(({ runs }) => runs.some((run) => session.runs.includes(run)))
    sessions.add(session)
    this.#sessions.set(collectorNo, sessions)
    for (const one of older) one.superseded()
  }

  leave(collectorNo: CollectorNo, session: StreamingSession): void {
    const sessions = this.#sessions.get(collectorNo)
    sessions?.delete(session)
    if (sessions?.size === 0) this.#sessions.delete(collectorNo)
  }

  of(collectorNo: CollectorNo): ReadonlySet<StreamingSession> {
    return this.#sessions.get(collectorNo) ?? NONE
  }
}
