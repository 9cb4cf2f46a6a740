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
 * Decodes the ticks of a range batch by batch, run after run, by seq in each. A tick that cannot be decoded costs the
 * rest up to the next key tick, becomes a gap, and stops nothing.
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
  #seq = 0
  /** Wall time of the tick of this run that was decoded last, NaN before the first. */
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
    if (done || !batch.follows) {
      this.#endHole()
      this.#lastMs = Number.NaN
    }
    if (done) return false
    const previous = this.#previous
    // What is missing between two batches is told by their seqs; a hole here is of stored ticks alone.
    if (batch.follows && previous !== undefined && batch.seq !== previous.seq + previous.count) this.#endHole()
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
    this.#seq = batch.seq
    while (this.#seq < end) {
      try {
        this.#decodeTicks(batch, cursor, end)
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error
        this.#openHole(batch, 'damaged')
        // Where one tick ends the next begins: without a length, all the rest of the batch is lost.
        if (error.code === 'BATCH_MALFORMED') return
        this.#seq++
      }
    }
  }

  // Fast path: once a tick.
  #decodeTicks(batch: RangeBatch, cursor: TickCursor, end: number): void {
    const decoder = this.#decoder
    const { run, ticks } = batch
    for (; this.#seq < end; this.#seq++) {
      if (!cursor.next()) throw new ProtocolError('BATCH_MALFORMED', { seq: this.#seq })
      if (!decoder.decode(ticks, cursor.start, cursor.end, run, this.#seq)) {
        this.#openHole(batch, 'lost')
        continue
      }
      const { wallMs } = decoder
      if (this.#hole !== undefined) this.#closeHole(run, this.#seq - 1, wallMs)
      if (decoder.missed > 0) this.#addPause(decoder)
      this.#lastMs = wallMs
      if (wallMs >= this.#fromMs && wallMs <= this.#toMs) this.#visit(decoder)
    }
  }

  /** The tick #seq cannot be decoded. */
  #openHole(batch: RangeBatch, cause: 'lost' | 'damaged'): void {
    if (this.#hole !== undefined) {
      if (cause === 'damaged') this.#hole.cause = cause
      return
    }
    const evenMs = (batch.lastMs - batch.firstMs) / Math.max(1, batch.count - 1)
    const guessedMs = Math.round(batch.firstMs + evenMs * (this.#seq - batch.seq))
    this.#hole = { lo: this.#seq, fromMs: Number.isNaN(this.#lastMs) ? guessedMs : this.#lastMs, cause }
  }

  #closeHole(run: number, hi: number, untilMs: number): void {
    const hole = this.#hole
    this.#hole = undefined
    if (hole === undefined) return
    const { lo, cause } = hole
    const fromMs = Math.min(hole.fromMs, untilMs)
    const toMs = Math.max(hole.fromMs, untilMs)
    if (toMs <= this.#fromMs || fromMs >= this.#toMs) return
    this.undecodableTicks += hi - lo + 1
    this.gaps.push({ run: formatRun(run), lo, hi, fromMs, toMs, cause })
  }

  /** Closes the hole, if there is one, with the last tick of the batch before. */
  #endHole(): void {
    const batch = this.#previous
    if (batch === undefined || this.#hole === undefined) return
    this.#closeHole(batch.run, batch.seq + batch.count - 1, batch.lastMs)
    this.#lastMs = batch.lastMs
  }

  #addPause({ run, wallMs, missed, intervalMs }: TickDecoder): void {
    const fromMs = Number.isNaN(this.#lastMs) ? wallMs - (missed + 1) * intervalMs : this.#lastMs
    if (wallMs <= this.#fromMs || fromMs >= this.#toMs) return
    this.gaps.push({ run: formatRun(run), lo: null, hi: null, fromMs, toMs: wallMs, cause: 'collector paused' })
  }
}
