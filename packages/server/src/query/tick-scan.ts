import { formatRun, ProtocolError, TickCursor, TickDecoder } from '@godwit/protocol'
import type { CollectorNo } from '../store/store.ts'
import type { RangeBatch, StoreReader } from '../store/store-reader.ts'
import type { Gap } from './gap.ts'

export type TickReader = Pick<StoreReader, 'schemas' | 'batchesIn'>

/** Called with each tick of the range; what the decoder holds changes with the next one. */
export type TickVisitor = (tick: TickDecoder) => void

interface OpenHole {
  readonly lo: number
  readonly fromMs: number
  cause: 'lost' | 'damaged'
}

/**
 * Decodes the ticks of a range batch by batch, run after run, by seq in each. A tick that cannot be decoded costs the rest up to the
 * next key tick, becomes a gap, and stops nothing.
 */
export class TickScan {
  /** Of the range: what was stored and could not be decoded, and where the collector said that it paused. */
  readonly gaps: Gap[] = []
  /** Ticks of the range that are stored and could not be decoded. */
  undecodableTicks = 0
  readonly #fromMs: number
  readonly #toMs: number
  readonly #visit: TickVisitor
  readonly #batches: Iterator<RangeBatch>
  readonly #decoder: TickDecoder
  #previous: RangeBatch | undefined
  /** Wall time of the tick decoded last, NaN if the next tick is not the one after it. */
  #lastMs = Number.NaN
  #hole: OpenHole | undefined

  constructor(reader: TickReader, collectorNo: CollectorNo, fromMs: number, toMs: number, visit: TickVisitor) {
    const schemas = reader.schemas(collectorNo)
    this.#fromMs = fromMs
    this.#toMs = toMs
    this.#visit = visit
    this.#batches = reader.batchesIn(collectorNo, fromMs, toMs)
    this.#decoder = new TickDecoder((id) => schemas.get(id))
  }

  /** Decodes the next batch. False if there is none. */
  step(): boolean {
    const { value: batch, done } = this.#batches.next()
    if (done || !batch.follows) this.#breakOff()
    if (done) return false
    this.#decodeBatch(batch)
    this.#previous = batch
    return true
  }

  run(): void {
    while (this.step());
  }

  #decodeBatch(batch: RangeBatch): void {
    const end = batch.seq + batch.count
    const cursor = new TickCursor(batch.ticks)
    for (let seq = batch.seq; seq < end; ) {
      try {
        seq = this.#decodeTicks(batch, cursor, seq, end)
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error
        seq = this.#decoder.seq === seq - 1 || this.#failedSeq > seq ? this.#failedSeq : seq
        this.#openHole(batch, seq, 'damaged')
        // Where one tick ends, the next begins: without its length all the rest is lost.
        if (error.code === 'BATCH_MALFORMED') return
        seq++
      }
    }
  }
}
