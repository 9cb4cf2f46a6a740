import { GodwitError } from '../errors.ts'
import type { ExportedCollector, TickRequest, TickSource } from './tick-source.ts'

/** Ticks of a running server, over its HTTP API. Calls reject with SERVER_UNREACHABLE and SERVER_REFUSED. */
export class HttpSource implements TickSource {
  readonly #base: URL
  readonly #stop: AbortSignal

  constructor(base: URL, stop: AbortSignal) {
    this.#base = base
    this.#stop = stop
  }

  async collectors(): Promise<readonly ExportedCollector[]> {
    const response = await this.#get('api/v1/collectors')
    return (await response.json()) as ExportedCollector[]
  }

  async *ticks({ collectorId, fromMs, toMs, format }: TickRequest): AsyncGenerator<Uint8Array> {
    const query = new URLSearchParams({ from: String(fromMs), to: String(toMs), format })
    const response = await this.#get(`api/v1/collectors/${collectorId}/ticks?${query.toString()}`)
    if (response.body !== null) yield* response.body
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  async #get(path: string): Promise<Response> {
    const base = this.#base.href.endsWith('/') ? this.#base.href : `${this.#base.href}/`
    const response = await fetch(new URL(path, base), { signal: this.#stop }).catch((cause: Error) => {
      if (this.#stop.aborted) throw cause
      throw new GodwitError(
        'SERVER_UNREACHABLE',
        {
          what: `no server answers at ${this.#base.href} (${reasonOf(cause)})`,
          hint: '`--url` is the address of its page; `--data` reads its directory',
        },
        { cause },
      )
    })
    if (response.ok) return response
    throw new GodwitError('SERVER_REFUSED', {
      what: `the server answered ${response.status}: ${await problemOf(response)}`,
    })
  }
}

function reasonOf(error: Error): string {
  const { cause } = error
  return cause instanceof Error ? ('code' in cause ? String(cause.code) : cause.message) : error.message
}

/** The sentence of an RFC 9457 problem, or of HTTP. */
async function problemOf(response: Response): Promise<string> {
  try {
    const problem = (await response.json()) as { title?: string; detail?: string }
    return problem.detail ?? problem.title ?? response.statusText
  } catch {
    return response.statusText
  }
}
