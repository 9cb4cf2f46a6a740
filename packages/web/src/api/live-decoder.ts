import { type Series, TickDecoder } from '@godwit/protocol'
import type { LiveBatch } from './live-message.ts'

/** One decoded tick. `values` is aligned with `series`, NaN where a sensor gave nothing, and valid until the next tick. */
export interface LiveTick {
  readonly wallMs: number
  readonly values: Float64Array
  readonly series: readonly Series[]
}

export interface LiveListener {
  onTick(tick: LiveTick): void
  /** Ticks from before the newest one were committed: only a range query has them in order. */
  onLate(): void
}

interface RunState {
  decoder: TickDecoder
  lastSeq: number
}

/** A collector that restarts has a new run; its former ones may still be filled from its queue meanwhile. */
const MAX_RUNS = 4

/**
 * Decodes the live ticks of one collector. The one place of the page that knows the tick codec. A tick at or before the
 * newest of its run is not decoded; after one that cannot be read, its run waits for the next key tick.
 */
export class LiveDecoder {
  readonly #schemas = new Map<string, { id: string; series: readonly Series[] }>()
  readonly #runs = new Map<number, RunState>()

  learnSchema(id: string, series: readonly Series[]): void {
    this.#schemas.set(id, { id, series })
  }

  decode(batch: LiveBatch, listener: LiveListener): void {
    const run = this.#runOf(batch.run)
    const count = batch.bounds.length / 2
    if (batch.firstSeq + count - 1 <= run.lastSeq) listener.onLate()
    for (let i = 0; i < count; i++) {
      const seq = batch.firstSeq + i
      if (seq <= run.lastSeq) continue
      run.lastSeq = seq
      if (!this.#decodeOne(run, batch, i)) continue
      const { wallMs, values, schema } = run.decoder
      if (schema !== undefined) listener.onTick({ wallMs, values, series: schema.series })
    }
  }

  #decodeOne(run: RunState, batch: LiveBatch, index: number): boolean {
    const [start, end] = [batch.bounds[index * 2] as number, batch.bounds[index * 2 + 1] as number]
    try {
      return run.decoder.decode(batch.bytes, start, end, batch.run, batch.firstSeq + index)
    } catch {
      // The next key tick stands alone, so a new decoder catches up within a minute; a range query has the ticks until then.
      run.decoder = this.#freshDecoder()
      return false
    }
  }

  #runOf(run: number): RunState {
    const known = this.#runs.get(run)
    if (known !== undefined) return known
    const state = { decoder: this.#freshDecoder(), lastSeq: -1 }
    this.#runs.set(run, state)
    const [oldest] = this.#runs.keys()
    if (this.#runs.size > MAX_RUNS && oldest !== undefined) this.#runs.delete(oldest)
    return state
  }

  #freshDecoder(): TickDecoder {
    return new TickDecoder((id) => this.#schemas.get(id))
  }
}
