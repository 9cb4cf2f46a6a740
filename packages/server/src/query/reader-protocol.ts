import type { Failure } from '../store/failure.ts'
import type { CollectorNo } from '../store/store.ts'
import type { RangeRequest } from './range-query.ts'
import type { ExportFormat } from './tick-export.ts'
import type { TimeRange } from './time-range.ts'

/**
 * What the main thread asks of the reader thread. An export is read by one 'nextChunk' after the other, then closed.
 */
export type ReaderCall =
  | { readonly method: 'refresh' }
  | { readonly method: 'range'; readonly collectorNo: CollectorNo; readonly request: RangeRequest }
  | { readonly method: 'gaps'; readonly collectorNo: CollectorNo; readonly range: TimeRange }
  | { readonly method: 'newestSchema'; readonly collectorNo: CollectorNo }
  | { readonly method: 'tailSchemas'; readonly collectorNo: CollectorNo }
  | { readonly method: 'runs'; readonly collectorNo: CollectorNo }
  | { readonly method: 'tail'; readonly collectorNo: CollectorNo }
  | { readonly method: 'spans' }
  | { readonly method: 'completeness'; readonly collectorNo: CollectorNo; readonly range: TimeRange }
  | {
      readonly method: 'openExport'
      readonly collectorNo: CollectorNo
      readonly range: TimeRange
      readonly format: ExportFormat
    }
  | { readonly method: 'nextChunk'; readonly exportId: number }
  | { readonly method: 'closeExport'; readonly exportId: number }

export interface ReaderRequest {
  readonly id: number
  readonly call: ReaderCall
}

/** The answer to the request of the same id. */
export type ReaderReply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure }
