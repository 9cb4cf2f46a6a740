import type { StoreReader } from '../store/store-reader.ts'
import { encodeAnswer } from './answer-json.ts'
import { findGaps } from './gap-finder.ts'
import { queryRange } from './range-query.ts'
import type { ReaderCall } from './reader-protocol.ts'
import { exportTicks } from './tick-export.ts'

/** Carries out what is asked of the reader thread, and keeps the exports that are under way. */
export class ReaderCalls {
  readonly #reader: StoreReader
  readonly #exports = new Map<number, Iterator<Uint8Array<ArrayBuffer>>>()
  #lastExportId = 0

  constructor(reader: StoreReader) {
    this.#reader = reader
  }

  /** Throws ServerError. Bytes that come back are the caller's alone, and may be transferred. */
  answer(call: ReaderCall): unknown {
    const reader = this.#reader
    // An export is of what was there when it began.
    if (call.method !== 'nextChunk' && call.method !== 'closeExport') reader.refresh()
    switch (call.method) {
      case 'refresh':
        return true
      case 'range':
        return encodeAnswer(queryRange(reader, call.collectorNo, call.request))
      case 'gaps':
        return findGaps(reader, call.collectorNo, call.range)
      case 'schemas':
        return Array.from(reader.schemas(call.collectorNo).values())
      case 'runs':
        return reader.runs(call.collectorNo)
      case 'tail':
        return reader.tail(call.collectorNo)
      case 'spans':
        return reader.spans()
      case 'completeness':
        return reader.completeness(call.collectorNo, call.range.fromMs, call.range.toMs)
      case 'openExport':
        this.#exports.set(++this.#lastExportId, exportTicks(reader, call.collectorNo, call.range, call.format))
        return this.#lastExportId
      case 'nextChunk':
        return this.#nextChunk(call.exportId)
      case 'closeExport':
        return this.#exports.delete(call.exportId)
    }
  }

  /** Null at the end. */
  #nextChunk(exportId: number): Uint8Array<ArrayBuffer> | null {
    const { value, done } = this.#exports.get(exportId)?.next() ?? { value: null, done: true }
    return done ? null : value
  }
}
