import { ServerError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { ApiQuery } from './api-context.ts'

/** Remembers that something read from the store was damaged: it stays so until the operator has put a whole database in its place. */
export class DamageWatch {
  readonly #log: Log
  #code: 'STORE_CORRUPT' | null = null

  constructor(log: Log) {
    this.#log = log
  }

  get code(): 'STORE_CORRUPT' | null {
    return this.#code
  }

  /** Hands an answer on. */
  async over<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer
    } catch (error) {
      this.#note(error)
      throw error
    }
  }

  /** The same questions, with their answers watched. */
  overQuery(query: ApiQuery): ApiQuery {
    const note = (error: unknown): void => this.#note(error)
    return {
      range: (no, request) => this.over(query.range(no, request)),
      gaps: (no, range) => this.over(query.gaps(no, range)),
      runs: (no) => this.over(query.runs(no)),
      newestSchema: (no) => this.over(query.newestSchema(no)),
      completeness: (no, range) => this.over(query.completeness(no, range)),
      async *exportTicks(no, range, format) {
        try {
          yield* query.exportTicks(no, range, format)
        } catch (error) {
          note(error)
          throw error
        }
      },
    }
  }

  /** Tells it once. */
  #note(error: unknown): void {
    if (this.#code !== null || !(error instanceof ServerError) || error.code !== 'STORE_CORRUPT') return
    this.#code = error.code
    const hint = error.hint === undefined ? '' : ` (${error.hint})`
    this.#log('error', 'store', `${error.code}: ${error.message}${hint}`)
  }
}
