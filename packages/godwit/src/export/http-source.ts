import { GodwitError } from '../errors.ts'
import type { ExportedCollector, TickRequest, TickSource } from './tick-source.ts'

/** Ticks of a running server, over its HTTP API. Calls reject with SERVER_UNREACHABLE, SERVER_REFUSED and SERVER_FOREIGN. */
export class HttpSource implements TickSource {
  readonly #origin: string
  readonly #stop: AbortSignal

  /** `page`: the address of any page of the server, as a browser shows it. */
  constructor(page: URL, stop: AbortSignal) {
    this.#origin = page.origin
    this.#stop = stop
  }

  async collectors(): Promise<readonly ExportedCollector[]> {
    const response = await this.#get('/api/v1/collectors')
    const collectors = await this.#jsonOf(response)
    if (!Array.isArray(collectors)) throw this.#foreign(response)
    return collectors as ExportedCollector[]
  }

  async *ticks({ collectorId, fromMs, toMs, format }: TickRequest): AsyncGenerator<Uint8Array> {
    const query = new URLSearchParams({ from: String(fromMs), to: String(toMs), format })
    const response = await this.#get(`/api/v1/collectors/${collectorId}/ticks?${query.toString()}`)
    if (response.body === null) return
    try {
      yield* response.body
    } catch (error) {
      throw this.#unreachable(error as Error)
    }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  async #get(path: string): Promise<Response> {
    const response = await fetch(new URL(path, this.#origin), { signal: this.#stop }).catch((error: Error) => {
      throw this.#unreachable(error)
    })
    if (response.ok) return response
    const { detail, title } = ((await this.#jsonOf(response)) ?? {}) as { title?: string; detail?: string }
    throw new GodwitError('SERVER_REFUSED', {
      // The sentence of an RFC 9457 problem, or of HTTP.
      what: `the server answered ${response.status}: ${detail ?? title ?? response.statusText}`,
    })
  }

  /** A server of ours answers in JSON, also where it refuses. */
  async #jsonOf(response: Response): Promise<unknown> {
    const text = await response.text().catch((error: Error) => {
      throw this.#unreachable(error)
    })
    try {
      return JSON.parse(text)
    } catch (cause) {
      throw this.#foreign(response, cause)
    }
  }

  #unreachable(cause: Error): Error {
    if (this.#stop.aborted) return cause
    return new GodwitError(
      'SERVER_UNREACHABLE',
      {
        what: `no server answers at ${this.#origin} (${reasonOf(cause)})`,
        hint: '`--url` is the address of its page; `--data` reads its directory',
      },
      { cause },
    )
  }

  #foreign({ ok, status, statusText }: Response, cause?: unknown): GodwitError {
    const answer = ok ? '' : ` (${status} ${statusText})`
    return new GodwitError(
      'SERVER_FOREIGN',
      {
        what: `what answers at ${this.#origin} is not a Godwit server${answer}`,
        hint: '`--url` is the address that `godwit up` and `godwit server` say for their page',
      },
      { cause },
    )
  }
}

function reasonOf(error: Error): string {
  const { cause } = error
  return cause instanceof Error ? ('code' in cause ? String(cause.code) : cause.message) : error.message
}
