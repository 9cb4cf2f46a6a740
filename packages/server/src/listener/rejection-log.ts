import type { Clock } from '../clock.ts'
import type { Log, LogLevel } from '../log.ts'

interface Told {
  readonly level: LogLevel
  readonly subject: string
  readonly code: string
  sinceMs: number
  /** Told one by one in this minute, and not told. */
  lines: number
  more: number
}

export interface Rejection {
  readonly level: LogLevel
  /** The remote address, without its port. */
  readonly host: string
  readonly code: string
  readonly line: string
}

const QUIET_MS = 60_000
const LINES_PER_MINUTE = 20
/** Pairs of address and code that are remembered; whoever comes after them shares one a code. */
const MAX_TOLD = 1000
const OTHERS = 'other addresses'

/**
 * Logs why connections were closed, a line each; of an address and code at most LINES_PER_MINUTE, then one line that says how many more
 * there were. A flood of bad connections must not become a flood of lines.
 */
export class RejectionLog {
  readonly #clock: Pick<Clock, 'monoMs'>
  readonly #log: Log
  readonly #told = new Map<string, Told>()

  constructor(clock: Pick<Clock, 'monoMs'>, log: Log) {
    this.#clock = clock
    this.#log = log
  }

  add({ level, host, code, line }: Rejection): void {
    const known = this.#told.get(`${host} ${code}`)
    if (known === undefined && this.#told.size < MAX_TOLD) {
      this.#remember({ level, subject: host, code, sinceMs: this.#clock.monoMs(), lines: 1, more: 0 })
      this.#log(level, 'wire', line)
      return
    }
    if (known !== undefined && known.lines < LINES_PER_MINUTE) {
      known.lines++
      this.#log(level, 'wire', line)
      return
    }
    const told = known ?? this.#told.get(`${OTHERS} ${code}`)
    // These come on top of the bound: one for each of our codes.
    if (told === undefined)
      this.#remember({ level, subject: OTHERS, code, sinceMs: this.#clock.monoMs(), lines: 0, more: 1 })
    else told.more++
  }

  /** To be called every few seconds: tells what a minute added up, and forgets who was good for one. */
  sweep(): void {
    const nowMs = this.#clock.monoMs()
    for (const [key, told] of this.#told) {
      if (nowMs - told.sinceMs < QUIET_MS) continue
      this.#tell(told)
      if (told.lines === 0 && told.more === 0) this.#told.delete(key)
      told.sinceMs = nowMs
      told.lines = 0
      told.more = 0
    }
  }

  /** Tells what is not told yet. */
  close(): void {
    for (const told of this.#told.values()) this.#tell(told)
    this.#told.clear()
  }

  #remember(told: Told): void {
    this.#told.set(`${told.subject} ${told.code}`, told)
  }

  #tell({ level, subject, code, more }: Told): void {
    if (more > 0) this.#log(level, 'wire', `closed ${more} more of ${subject}: ${code}`)
  }
}
