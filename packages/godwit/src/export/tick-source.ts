export type TickFormat = 'csv' | 'ndjson'

export interface ExportedCollector {
  readonly id: string
  readonly name: string
}

export interface TickRequest {
  readonly collectorId: string
  /** unix ms, both included. */
  readonly fromMs: number
  readonly toMs: number
  readonly format: TickFormat
}

/** Where ticks can be exported from: a running server, or its directory. */
export interface TickSource {
  collectors(): Promise<readonly ExportedCollector[]>
  /** UTF-8 in pieces of any length; a line is a tick, in CSV the first one names the columns. */
  ticks(request: TickRequest): AsyncIterable<Uint8Array>
  close(): Promise<void>
}
