import { ServerError } from '../errors.ts'
import type { Steps } from './steps.ts'

/** One question to the reader thread. */
export interface ReaderJob {
  readonly steps: Steps<unknown>
  /** Long ones are done one after the other, in pieces; between these come those that are not. */
  readonly isLong: boolean
  /** Of its own time, over which it fails; undefined for as long as it takes. */
  readonly budgetMs: number | undefined
  done(value: unknown): void
  failed(error: unknown): void
}

/** So long may a short question wait for a long one. */
const SLICE_MS = 50

/** Divides the time of the reader thread among what it is asked. */
export class ReaderTurns {
  readonly #monoMs: () => number
  readonly #later: (callback: () => void) => void
  readonly #long: ReaderJob[] = []
  /** Of the first of the long ones. */
  #spentMs = 0

  /** `later` calls back when messages that wait have been taken. */
  constructor(monoMs: () => number, later: (callback: () => void) => void) {
    this.#monoMs = monoMs
    this.#later = later
  }

  add(job: ReaderJob): void {
    if (!job.isLong) {
      this.#slice(job, Number.POSITIVE_INFINITY)
      return
    }
    this.#long.push(job)
    if (this.#long.length === 1) this.#later(() => this.#turn())
  }

  #turn(): void {
    const [job] = this.#long
    if (job === undefined) return
    if (this.#slice(job, SLICE_MS)) {
      this.#long.shift()
      this.#spentMs = 0
    }
    if (this.#long.length > 0) this.#later(() => this.#turn())
  }

  /** True if the job is over. */
  #slice(job: ReaderJob, sliceMs: number): boolean {
    const { steps, budgetMs = Number.POSITIVE_INFINITY } = job
    const startMs = this.#monoMs()
    try {
      for (;;) {
        const { value, done } = steps.next()
        if (done === true) {
          job.done(value)
          return true
        }
        const tookMs = this.#monoMs() - startMs
        if (this.#spentMs + tookMs > budgetMs) throw tooLong(budgetMs)
        if (tookMs < sliceMs) continue
        this.#spentMs += tookMs
        return false
      }
    } catch (error) {
      job.failed(error)
      return true
    }
  }
}

function tooLong(budgetMs: number): ServerError {
  return new ServerError('RANGE_INVALID', {
    what: `the range takes more than ${budgetMs / 1000} s to read`,
    hint: 'ask for a shorter range, or export the ticks',
  })
}
