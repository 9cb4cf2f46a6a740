import type { CollectorNo } from '../store/store.ts'

/** What others may ask of a session that streams. */
export interface StreamingSession {
  /** How often the collector is to flush; 0 leaves it to the collector. */
  pace(flushMs: number): void
  /** A task waits for the collector. */
  taskAdded(): void
  /** A newer connection of the same collector has taken over. */
  superseded(): void
}

/** The sessions that stream, by collector. The newest of a collector is the one that counts. */
export class SessionDirectory {
  readonly #sessions = new Map<CollectorNo, StreamingSession>()

  /** Makes `session` the collector's; an older one is told that it is superseded. */
  enter(collectorNo: CollectorNo, session: StreamingSession): void {
    const older = this.#sessions.get(collectorNo)
    this.#sessions.set(collectorNo, session)
    older?.superseded()
  }

  leave(collectorNo: CollectorNo, session: StreamingSession): void {
    if (this.#sessions.get(collectorNo) === session) this.#sessions.delete(collectorNo)
  }

  of(collectorNo: CollectorNo): StreamingSession | undefined {
    return this.#sessions.get(collectorNo)
  }
}
