import type { SchemaId } from '../metric/schema.ts'
import type { AckedRange } from './ack.ts'
import type { Batch } from './batch.ts'

/** Ticks lo..hi, both included, of one run. */
export interface RunRange {
  readonly run: number
  readonly lo: number
  readonly hi: number
}

/** The collector's first message: who it is and what it holds. */
export interface Hello {
  readonly type: 'hello'
  /** The collector's UUID. */
  readonly collector: Uint8Array
  readonly name: string
  readonly software: string
  /** What the collector's clocks show while it writes this, ms. */
  readonly wallMs: number
  readonly monoMs: number
  readonly intervalMs: number
  readonly flushMs: number
  /** What the queue holds, one entry a run; later messages name a run by its place in this list. */
  readonly runs: readonly RunRange[]
  /** Schemas of the ticks in the queue. */
  readonly schemas: readonly SchemaId[]
  /** os, arch, kernel, cpus and the like: for people. */
  readonly host: Readonly<Record<string, string | number>>
}

/** The server's answer to Hello. The collector sends what it holds less what the server has. */
export interface Welcome {
  readonly type: 'welcome'
  readonly serverMs: number
  /** Ranges of the Hello's runs that are committed already. */
  readonly have: readonly { readonly runIndex: number; readonly lo: number; readonly hi: number }[]
  /** Schemas of the Hello that the server does not know. */
  readonly wants: readonly SchemaId[]
  /** How often to flush; 0 leaves it to the collector. */
  readonly flushMs: number
}

/** The canonical bytes of a schema; sent before the first batch that needs it. */
export interface SchemaMessage {
  readonly type: 'schema'
  readonly bytes: Uint8Array
}

export interface BatchMessage extends Batch {
  readonly type: 'batch'
}

export interface Ack {
  readonly type: 'ack'
  readonly ranges: readonly AckedRange[]
}

/** The server cannot commit now: send nothing for a while. The connection stays. */
export interface Busy {
  readonly type: 'busy'
  readonly retryAfterMs: number
}

/** The server is about to close the connection: come back after a while. */
export interface Goaway {
  readonly type: 'goaway'
  readonly retryAfterMs: number
  readonly reason: string
}

export interface Task {
  readonly type: 'task'
  readonly id: number
  /** One of TASK_KINDS, or what a server of a later version has. */
  readonly kind: string
}

export interface TaskResult {
  readonly type: 'taskResult'
  readonly id: number
  readonly outcome: 'done' | 'failed'
  readonly detail: string
}

/** The collector stops or turns away; what it had to send is sent. */
export interface Bye {
  readonly type: 'bye'
  readonly reason: string
}

/** How often to flush from now on, while somebody watches; 0 gives that back to the collector. */
export interface Pace {
  readonly type: 'pace'
  readonly flushMs: number
}

export type FromCollector = Hello | SchemaMessage | BatchMessage | TaskResult | Bye

export type FromServer = Welcome | Ack | Busy | Goaway | Task | Pace

export type Message = FromCollector | FromServer
