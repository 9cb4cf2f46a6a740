import type { Clock } from '../clock.ts'
import type { CollectorNo, CollectorRecord } from '../store/store.ts'

/** live: its ticks come as fast as it flushes; late: they are overdue; silent: none for over five minutes. */
export type CollectorState = 'live' | 'late' | 'silent'

export interface CollectorStatus {
  readonly record: CollectorRecord
  readonly state: CollectorState
  /** Wall time of the newest tick, by the collector's clock; null before the first. */
  readonly lastTickMs: number | null
  /** Ticks that the collector said it holds and that are not committed; null if it never said. */
  readonly backlogTicks: number | null
  readonly connected: boolean
}

/** One connection of a collector, as long as it lasts. */
export interface Presence {
  readonly flushMs: number
  /** Ticks that it said it holds and that are not committed; null if it never said. Counts down as they come. */
  backlogTicks: number | null
}

interface Member {
  record: CollectorRecord
  lastTickMs: number | null
  /** When, by our clock, ticks were committed last. */
  lastCommitMs: number | null
  readonly presences: Set<Presence>
  /** The presence that ended last, for what is known while there is none. */
  lastPresence: Presence
}

const UNKNOWN_PRESENCE: Presence = { flushMs: 10_000, backlogTicks: null }
const SILENT_AFTER_MS = 5 * 60 * 1000
/** Over the flush interval: what the network and the commit may take. */
const LATE_GRACE_MS = 5000

/** All collectors that the store knows, with what they do now. Lives in memory; rebuilt from the store at start. */
export class Fleet {
  readonly #members = new Map<CollectorNo, Member>()
  readonly #noById = new Map<string, CollectorNo>()
  /** All members, by name while #isOrdered. Kept, as putting 100,000 in order takes longer than others should wait. */
  readonly #ordered: Member[] = []
  #isOrdered = true
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#members.size
  }

  add(record: CollectorRecord, lastTickMs: number | null): void {
    const known = this.#members.get(record.no)
    if (known !== undefined) {
      if (known.record.name !== record.name) this.#isOrdered = false
      known.record = record
      if (lastTickMs !== null) this.remember(record.no, lastTickMs)
      return
    }
    this.#noById.set(record.id, record.no)
    const member: Member = {
      record,
      lastTickMs: null,
      lastCommitMs: null,
      presences: new Set(),
      lastPresence: UNKNOWN_PRESENCE,
    }
    this.#members.set(record.no, member)
    this.#ordered.push(member)
    this.#isOrdered = false
    if (lastTickMs !== null) this.remember(record.no, lastTickMs)
  }

  /**
   * A tick of this wall time is in the store, and came at some time: known from before this start, it may be told after
   * newer ones were committed. A collector that is not in the fleet is none of its business.
   */
  remember(no: CollectorNo, lastMs: number): void {
    const member = this.#members.get(no)
    if (member === undefined) return
    if (member.lastTickMs === null || lastMs > member.lastTickMs) member.lastTickMs = lastMs
    // A collector whose clock is ahead of ours must not seem to be there.
    member.lastCommitMs ??= Math.min(lastMs, this.#clock.wallMs())
  }

  connected(no: CollectorNo, presence: Presence): void {
    this.#member(no).presences.add(presence)
  }

  disconnected(no: CollectorNo, presence: Presence): void {
    const member = this.#member(no)
    member.presences.delete(presence)
    member.lastPresence = presence
  }

  /** Ticks of `presence` were committed; `lastMs` is the wall time of the newest of them. */
  committed(no: CollectorNo, presence: Presence, count: number, lastMs: number): void {
    const member = this.#member(no)
    member.lastCommitMs = this.#clock.wallMs()
    if (member.lastTickMs === null || lastMs > member.lastTickMs) member.lastTickMs = lastMs
    if (presence.backlogTicks !== null) presence.backlogTicks = Math.max(0, presence.backlogTicks - count)
  }

  /** Those that are known now, ordered by name; the status of each is of when it is taken. */
  list(): IteratorObject<CollectorStatus, undefined> {
    this.order()
    return this.#ordered
      .slice()
      .values()
      .map((member) => this.#status(member))
  }

  numbers(): IterableIterator<CollectorNo> {
    return this.#members.keys()
  }

  /** Does beforehand what makes the first list slow. */
  order(): void {
    if (this.#isOrdered) return
    this.#ordered.sort((a, b) => a.record.name.localeCompare(b.record.name) || a.record.no - b.record.no)
    this.#isOrdered = true
  }

  /** Throws if there is none of this number. */
  get(no: CollectorNo): CollectorStatus {
    return this.#status(this.#member(no))
  }

  /** `id` is the UUID's text. */
  find(id: string): CollectorStatus | undefined {
    const no = this.#noById.get(id)
    return no === undefined ? undefined : this.#status(this.#member(no))
  }

  #status(member: Member): CollectorStatus {
    const presences = presencesOf(member)
    const backlogs = presences.map(({ backlogTicks }) => backlogTicks).filter((ticks) => ticks !== null)
    return {
      record: member.record,
      state: this.#stateOf(member, presences),
      lastTickMs: member.lastTickMs,
      backlogTicks: backlogs.length === 0 ? null : backlogs.reduce((sum, ticks) => sum + ticks, 0),
      connected: member.presences.size > 0,
    }
  }

  #stateOf(member: Member, presences: readonly Presence[]): CollectorState {
    if (member.lastCommitMs === null) return 'silent'
    // While it is connected its own clock does not matter: what it sends may be hours old, or of 1970. Afterwards, a past that it
    // delivered at last does not make it present.
    const lastSignMs =
      member.presences.size > 0 ? member.lastCommitMs : Math.min(member.lastCommitMs, member.lastTickMs ?? 0)
    const quietMs = this.#clock.wallMs() - lastSignMs
    const flushMs = Math.max(member.record.intervalMs, ...presences.map((presence) => presence.flushMs))
    if (quietMs <= flushMs + LATE_GRACE_MS) return 'live'
    return quietMs > SILENT_AFTER_MS ? 'silent' : 'late'
  }

  #member(no: CollectorNo): Member {
    const member = this.#members.get(no)
    if (member === undefined) throw new Error(`BUG: collector ${no} is not in the fleet`)
    return member
  }
}

/** The connections that there are, or the last one that there was. */
function presencesOf({ presences, lastPresence }: Member): Presence[] {
  return presences.size > 0 ? [...presences] : [lastPresence]
}
