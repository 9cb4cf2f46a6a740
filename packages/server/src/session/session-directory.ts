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

/** Of one collector. */
const MAX_SESSIONS = 8

const NONE: ReadonlySet<StreamingSession> = new Set()

/**
 * The sessions that stream, by collector. A run is carried by the connection whose Hello came last. Other runs of the same collector are
 * another process, or a copied card: they are served side by side.
 */
export class SessionDirectory {
  readonly #sessions = new Map<CollectorNo, Set<StreamingSession>>()

  enter(collectorNo: CollectorNo, session: StreamingSession): void {
    const sessions = this.#sessions.get(collectorNo) ?? new Set()
    const runs = new Set(session.runs)
    const older = [...sessions].filter((one) => one.runs.some((run) => runs.has(run)))
    const rest = [...sessions].filter((one) => !older.includes(one))
    sessions.add(session)
    this.#sessions.set(collectorNo, sessions)
    // The oldest goes: one that still has something to say comes back.
    for (const one of [...older, ...rest.slice(0, rest.length + 1 - MAX_SESSIONS)]) one.superseded()
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
