import { ApiError } from './api-error.ts'
import type { Collector, CollectorDetail } from './collector.ts'
import type { RangeAnswer } from './range-answer.ts'

const TIMEOUT_MS = 15_000

export interface RangeRequest {
  readonly collector: string
  readonly fromMs: number
  readonly toMs: number
  /** At most so many rows. */
  readonly points: number
  /** Series or metric names; all of them when omitted. */
  readonly series?: readonly string[]
}

/** The routes that the page reads. Each method throws ApiError, or AbortError when its signal fires. */
export class HttpApi {
  readonly #fetch: typeof fetch
  readonly #onAnswer: () => void

  /** Calls `onAnswer` on each answer that is no refusal. */
  constructor(fetchFunction: typeof fetch, onAnswer: () => void = () => {}) {
    this.#fetch = fetchFunction
    this.#onAnswer = onAnswer
  }

  async collectors(signal: AbortSignal): Promise<Collector[]> {
    return (await this.#get('/api/v1/collectors', signal)) as Collector[]
  }

  async collector(id: string, signal: AbortSignal): Promise<CollectorDetail> {
    return (await this.#get(`/api/v1/collectors/${encodeURIComponent(id)}`, signal)) as CollectorDetail
  }

  async range(request: RangeRequest, signal: AbortSignal): Promise<RangeAnswer> {
    const query = new URLSearchParams({
      from: String(Math.floor(request.fromMs)),
      to: String(Math.ceil(request.toMs)),
      points: String(request.points),
    })
    if (request.series !== undefined) query.set('series', request.series.join(','))
    return (await this.#get(
      `/api/v1/collectors/${encodeURIComponent(request.collector)}/query?${query}`,
      signal,
    )) as RangeAnswer
  }

  async #get(path: string, signal: AbortSignal): Promise<unknown> {
    const response = await this.#respond(path, signal)
    if (!response.ok) throw new ApiError('REFUSED', await reasonOf(response), response.status)
    this.#onAnswer()
    try {
      return await response.json()
    } catch (cause) {
      signal.throwIfAborted()
      throw new ApiError('MALFORMED', 'the answer is not JSON', response.status, { cause })
    }
  }

  async #respond(path: string, signal: AbortSignal): Promise<Response> {
    try {
      return await this.#fetch(path, {
        headers: { accept: 'application/json' },
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      })
    } catch (cause) {
      signal.throwIfAborted()
      throw new ApiError('UNREACHABLE', 'the server does not answer', 0, { cause })
    }
  }
}

/** The title of the problem details (RFC 9457), or the status line. */
async function reasonOf(response: Response): Promise<string> {
  const problem = await response.json().catch(() => null)
  return problem?.detail ?? problem?.title ?? `${response.status} ${response.statusText}`
}
