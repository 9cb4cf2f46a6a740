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

interface Member {
  record: CollectorRecord
  lastTickMs: number | null
  /** When, by our clock, ticks were committed last. */
  lastCommitMs: number | null
  flushMs: number
  backlogTicks: number | null
  connections: number
}

const SILENT_AFTER_MS = 5 * 60 * 1000
/** Over the flush interval: what the network and the commit may take. */
const LATE_GRACE_MS = 5000

/** All collectors that the store knows, with what they do now. Lives in memory; rebuilt from the store at start. */
export class Fleet {
  readonly #members = new Map<CollectorNo, Member>()
  readonly #noById = new Map<string, CollectorNo>()
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
      known.record = record
      return
    }
    this.#noById.set(record.id, record.no)
    this.#members.set(record.no, {
      record,
      lastTickMs,
      lastCommitMs: lastTickMs,
      flushMs: 10_000,
      backlogTicks: null,
      connections: 0,
    })
  }

  connected(no: CollectorNo, flushMs: number, backlogTicks: number | null): void {
    const member = this.#member(no)
    member.connections++
    member.flushMs = flushMs
    member.backlogTicks = backlogTicks
  }

  disconnected(no: CollectorNo): void {
    this.#member(no).connections--
  }

  /** Ticks were committed; `lastMs` is the wall time of the newest of them. */
  committed(no: CollectorNo, count: number, lastMs: number): void {
    const member = this.#member(no)
    member.lastCommitMs = this.#clock.wallMs()
    if (member.lastTickMs === null || lastMs > member.lastTickMs) member.lastTickMs = lastMs
    if (member.backlogTicks !== null) member.backlogTicks = Math.max(0, member.backlogTicks - count)
  }

  /** Ordered by name. */
  list(): CollectorStatus[] {
    const statuses = Array.from(this.#members.values(), (member) => this.#status(member))
    return statuses.sort((a, b) => a.record.name.localeCompare(b.record.name) || a.record.no - b.record.no)
  }

  /** `id` is the UUID's text. */
  find(id: string): CollectorStatus | undefined {
    const no = this.#noById.get(id)
    return no === undefined ? undefined : this.#status(this.#member(no))
  }

  #status(member: Member): CollectorStatus {
    return {
      record: member.record,
      state: this.#stateOf(member),
      lastTickMs: member.lastTickMs,
      backlogTicks: member.backlogTicks,
      connected: member.connections > 0,
    }
  }

  #stateOf(member: Member): CollectorState {
    if (member.lastCommitMs === null) return 'silent'
    const quietMs = this.#clock.wallMs() - member.lastCommitMs
    if (quietMs > SILENT_AFTER_MS) return 'silent'
    return quietMs > member.flushMs + LATE_GRACE_MS ? 'late' : 'live'
  }

  #member(no: CollectorNo): Member {
    const member = this.#members.get(no)
    if (member === undefined) throw new Error(`BUG: collector ${no} is not in the fleet`)
    return member
  }
}
