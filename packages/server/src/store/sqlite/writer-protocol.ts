import type { SchemaId } from '@godwit/protocol'
import type { Failure } from '../failure.ts'
import type { CollectorFacts, CollectorNo, TaskState } from '../store.ts'
import type { PackedGroup } from './packed-group.ts'

/** What the main thread asks of the writer thread. */
export type WriterCall =
  | { readonly method: 'collectors' }
  | { readonly method: 'saveCollector'; readonly facts: CollectorFacts; readonly nowMs: number }
  | { readonly method: 'schemaIds'; readonly collectorNo: CollectorNo }
  | {
      readonly method: 'saveSchema'
      readonly collectorNo: CollectorNo
      readonly schemaId: SchemaId
      readonly bytes: Uint8Array
    }
  | { readonly method: 'commit'; readonly group: PackedGroup }
  | { readonly method: 'have'; readonly collectorNo: CollectorNo; readonly runs: readonly number[] | undefined }
  | { readonly method: 'addTask'; readonly collectorNo: CollectorNo; readonly kind: string; readonly nowMs: number }
  | { readonly method: 'tasks'; readonly collectorNo: CollectorNo }
  | {
      readonly method: 'takeTask'
      readonly collectorNo: CollectorNo
      readonly states: readonly TaskState[]
      readonly nowMs: number
    }
  | {
      readonly method: 'finishTask'
      readonly collectorNo: CollectorNo
      readonly taskId: number
      readonly state: 'done' | 'failed'
      readonly detail: string
      readonly nowMs: number
    }
  | { readonly method: 'close' }

export interface WriterRequest {
  readonly id: number
  readonly call: WriterCall
}

/** The answer to the request of the same id; id 0 says that the database is open, or why it is not. */
export type WriterReply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure }
