import type { StoreReader } from '../store/store-reader.ts'
import { encodeAnswer, encodeGaps } from './answer-json.ts'
import { gapSteps } from './gap-finder.ts'
import { rangeSteps } from './range-query.ts'
import type { ReaderCall } from './reader-protocol.ts'
import type { ReaderJob } from './reader-turns.ts'
import type { Steps } from './steps.ts'
import { type ExportPieces, exportPieces } from './tick-export.ts'

const QUERY_BUDGET_MS = 10_000

/** Carries out what is asked of the reader thread, and keeps the exports that are under way. */
export class ReaderCalls {
  readonly #reader: StoreReader
  readonly #exports = new Map<number, ExportPieces>()
  #lastExportId = 0

  constructor(reader: StoreReader) {
    this.#reader = reader
  }

  /** The steps throw ServerError. Bytes that they return are the caller's alone, and may be transferred. */
  begin(call: ReaderCall): Pick<ReaderJob, 'steps' | 'isLong' | 'budgetMs'> {
    const isQuery = call.method === 'range' || call.method === 'gaps'
    return {
      steps: this.#steps(call),
      isLong: isQuery || call.method === 'nextChunk',
      budgetMs: isQuery ? QUERY_BUDGET_MS : undefined,
    }
  }

  *#steps(call: ReaderCall): Steps<unknown> {
    const reader = this.#reader
    // An export is of what was there when it began.
    if (call.method !== 'nextChunk' && call.method !== 'closeExport') reader.refresh()
    switch (call.method) {
      case 'refresh':
        return true
      case 'range':
        return encodeAnswer(yield* rangeSteps(reader, call.collectorNo, call.request))
      case 'gaps':
        return encodeGaps((yield* gapSteps(reader, call.collectorNo, call.range)).gaps)
      case 'newestSchema':
        return reader.newestSchema(call.collectorNo) ?? null
      case 'tailSchemas':
        return reader.tailSchemas(call.collectorNo)
      case 'runs':
        return reader.runs(call.collectorNo)
      case 'tail':
        return reader.tail(call.collectorNo)
      case 'spans':
        return reader.spans()
      case 'completeness':
        return reader.completeness(call.collectorNo, call.range.fromMs, call.range.toMs)
      case 'openExport':
        this.#exports.set(++this.#lastExportId, exportPieces(reader, call.collectorNo, call.range, call.format))
        return this.#lastExportId
      case 'nextChunk':
        return yield* this.#nextChunk(call.exportId)
      case 'closeExport':
        return this.#exports.delete(call.exportId)
    }
  }

  /** Null at the end. */
  *#nextChunk(exportId: number): Steps<Uint8Array<ArrayBuffer> | null> {
    const pieces = this.#exports.get(exportId)
    if (pieces === undefined) return null
    for (;;) {
      const { value, done } = pieces.next()
      if (done === true) return null
      if (value !== null) return value
      yield
    }
  }
}
