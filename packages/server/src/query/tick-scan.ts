import {
  type DecodableSchema,
  formatRun,
  ProtocolError,
  type SchemaId,
  TickCursor,
  TickDecoder,
} from '@godwit/protocol'
import type { CollectorNo } from '../store/store.ts'
import type { RangeBatch, StoreReader } from '../store/store-reader.ts'
import { V1_RUN } from '../store/v1-schema.ts'
import { APART_INTERVALS, reachMs } from './apart.ts'
import { GapList } from './gap-list.ts'
import type { Steps } from './steps.ts'
import { TimeCoverage } from './time-coverage.ts'

export type TickReader = Pick<StoreReader, 'schema' | 'batchesIn' | 'intervalMs'>

/** Called with each tick of the range; what the decoder holds changes with the next one. */
export type TickVisitor = (tick: TickDecoder) => void

interface OpenHole {
  readonly lo: number
  readonly fromMs: number
  cause: 'lost' | 'damaged'
}

/** What a step decodes at most: a batch may hold thousands of ticks, of thousands of series each. */
const TICKS_PER_STEP = 256

/**
 * Decodes the ticks of a range batch by batch, run after run, by seq in each. A tick that cannot be decoded costs the
 * rest up to the next key tick, becomes a gap, and stops nothing.
 */
export class TickScan {
  /** Of the range: what was stored and could not be decoded, and where the collector paused. */
  readonly gaps: GapList = new GapList()
  /** By run, what its ticks and these gaps account for. */
  readonly coverage: Map<number, TimeCoverage> = new Map()
  /** Stored ticks that could not be decoded, and by the times of their batch are in the range. */
  undecodableTicks = 0
  readonly #v1IntervalMs: number
  readonly #fromMs: number
  readonly #toMs: number
  readonly #visit: TickVisitor
  readonly #batches: Iterator<RangeBatch>
  readonly #decoder: TickDecoder
  /** The one that is being decoded, and its ticks. */
  #current: { readonly batch: RangeBatch; readonly cursor: TickCursor } | undefined
  #previous: RangeBatch | undefined
  #schema: DecodableSchema | undefined
  #seq = 0
  /** The step ends before this one. */
  #stepEnd = 0
  #covered = new TimeCoverage()
  /** Wall time of the tick of this run that was decoded last, NaN before the first. */
  #lastMs = Number.NaN
  /** Of the same tick. */
  #lastMonoMs = Number.NaN
  #lastSeq = Number.NaN
  #hole: OpenHole | undefined

  constructor(reader: TickReader, collectorNo: CollectorNo, fromMs: number, toMs: number, visit: TickVisitor) {
    this.#v1IntervalMs = reader.intervalMs(collectorNo)
    this.#fromMs = fromMs
    this.#toMs = toMs
    this.#visit = visit
    this.#batches = reader.batchesIn(collectorNo, fromMs, toMs)
    this.#decoder = new TickDecoder((id) => this.#schemaOf(reader, collectorNo, id))
  }

  /** Decodes some ticks of the next batch. False if there is none. */
  step(): boolean {
    this.#current ??= this.#nextBatch()
    if (this.#current === undefined) return false
    const { batch, cursor } = this.#current
    this.#decodeBatch(batch, cursor)
    if (this.#seq < batch.seq + batch.count) return true
    this.#previous = batch
    this.#current = undefined
    return true
  }

  *steps(): Steps<void> {
    while (this.step()) yield
  }

  /** Ends the step with this tick; to be called by the visitor. */
  pause(): void {
    this.#stepEnd = 0
  }

  #nextBatch(): { batch: RangeBatch; cursor: TickCursor } | undefined {
    const { value: batch, done } = this.#batches.next()
    if (done || !batch.follows) {
      this.#endHole()
      this.#lastMs = this.#lastMonoMs = this.#lastSeq = Number.NaN
    }
    if (done) return undefined
    if (!batch.follows) this.#covered = this.#coverageOf(batch.run)
    const previous = this.#previous
    // What is missing between two batches is told by their seqs; a hole here is of stored ticks alone.
    if (batch.follows && previous !== undefined && batch.seq !== previous.seq + previous.count) this.#endHole()
    this.#seq = batch.seq
    return { batch, cursor: new TickCursor(batch.ticks) }
  }

  #schemaOf(reader: TickReader, collectorNo: CollectorNo, id: SchemaId): DecodableSchema | undefined {
    if (this.#schema?.id === id) return this.#schema
    // It may have to be decoded, which can take longer than the ticks.
    this.pause()
    this.#schema = reader.schema(collectorNo, id)
    return this.#schema
  }

  #decodeBatch(batch: RangeBatch, cursor: TickCursor): void {
    const end = batch.seq + batch.count
    this.#stepEnd = Math.min(end, this.#seq + TICKS_PER_STEP)
    while (this.#seq < this.#stepEnd) {
      try {
        this.#decodeTicks(batch, cursor)
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error
        // Where one tick ends the next begins: without a length, all the rest of the batch is lost.
        this.#skip(batch, error.code === 'BATCH_MALFORMED' ? end : this.#seq + 1, 'damaged')
      }
    }
  }

  // Fast path: once a tick.
  #decodeTicks(batch: RangeBatch, cursor: TickCursor): void {
    const decoder = this.#decoder
    const { run, ticks } = batch
    while (this.#seq < this.#stepEnd) {
      if (!cursor.next()) throw new ProtocolError('BATCH_MALFORMED', { seq: this.#seq })
      if (!decoder.decode(ticks, cursor.start, cursor.end, run, this.#seq)) {
        this.#skip(batch, this.#seq + 1, 'lost')
        continue
      }
      const { wallMs } = decoder
      if (this.#hole !== undefined) this.#closeHole(run, this.#seq - 1, wallMs)
      this.#account(decoder)
      if (wallMs >= this.#fromMs && wallMs <= this.#toMs) this.#visit(decoder)
      this.#seq++
    }
  }

  /** The ticks from #seq to before `end` cannot be decoded. */
  #skip(batch: RangeBatch, end: number, cause: OpenHole['cause']): void {
    const evenMs = (batch.lastMs - batch.firstMs) / Math.max(1, batch.count - 1)
    const guessedMs = (seq: number): number => Math.round(batch.firstMs + evenMs * (seq - batch.seq))
    if (this.#hole === undefined) {
      const fromMs = Number.isNaN(this.#lastMs) ? guessedMs(this.#seq) : this.#lastMs
      this.#hole = { lo: this.#seq, fromMs, cause }
    } else if (cause === 'damaged') {
      this.#hole.cause = cause
    }
    for (; this.#seq < end; this.#seq++) {
      const wallMs = guessedMs(this.#seq)
      if (wallMs >= this.#fromMs && wallMs <= this.#toMs) this.undecodableTicks++
    }
  }

  #closeHole(run: number, hi: number, untilMs: number): void {
    const hole = this.#hole
    this.#hole = undefined
    if (hole === undefined) return
    const { lo, cause } = hole
    const fromMs = Math.min(hole.fromMs, untilMs)
    const toMs = Math.max(hole.fromMs, untilMs)
    this.#covered.add(fromMs, toMs, 0)
    if (toMs <= this.#fromMs || fromMs >= this.#toMs) return
    this.gaps.push({ run: formatRun(run), lo, hi, fromMs, toMs, cause })
  }

  /** Closes the hole, if there is one, with the last tick of the batch before. */
  #endHole(): void {
    const batch = this.#previous
    if (batch === undefined || this.#hole === undefined) return
    this.#closeHole(batch.run, batch.seq + batch.count - 1, batch.lastMs)
    this.#lastMs = batch.lastMs
  }

  #coverageOf(run: number): TimeCoverage {
    const known = this.coverage.get(run) ?? new TimeCoverage()
    this.coverage.set(run, known)
    return known
  }

  // Fast path: once a tick.
  #account(tick: TickDecoder): void {
    const { run, seq, wallMs, monoMs, intervalMs } = tick
    if (run === V1_RUN) {
      this.#covered.add(wallMs, wallMs, reachMs(run, this.#v1IntervalMs))
    } else {
      // With ticks missing in between, only what this one says of itself is known.
      const stepMs = seq === this.#lastSeq + 1 ? monoMs - this.#lastMonoMs : intervalMs
      if (tick.missed > 0 || stepMs > APART_INTERVALS * intervalMs) this.#addPause(tick, stepMs)
      this.#covered.add(wallMs, wallMs, reachMs(run, intervalMs))
    }
    this.#lastMs = wallMs
    this.#lastMonoMs = monoMs
    this.#lastSeq = seq
  }

  /** `stepMs`: by the monotonic clock, which the missed ticks may exceed. */
  #addPause({ run, wallMs, missed, intervalMs }: TickDecoder, stepMs: number): void {
    const pauseMs = Math.max(stepMs, (missed + 1) * intervalMs)
    // Where the wall clock tells another length, it was set or the machine suspended in the same time: see silences.
    const isAll = Math.abs(wallMs - pauseMs - this.#lastMs) <= intervalMs / 2
    const fromMs = isAll ? this.#lastMs : Math.max(0, wallMs - pauseMs)
    this.#covered.add(fromMs, wallMs, 0)
    if (wallMs <= this.#fromMs || fromMs >= this.#toMs) return
    this.gaps.push({ run: formatRun(run), lo: null, hi: null, fromMs, toMs: wallMs, cause: 'collector paused' })
  }
}
