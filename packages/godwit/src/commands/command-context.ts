import type { Writable } from 'node:stream'
import type { Clock } from '../clock.ts'
import type { Installation } from '../installation.ts'
import type { Environment } from '../options/parse-options.ts'
import type { Log } from '../terminal/log-line.ts'
import type { Style } from '../terminal/style.ts'

export const OUTPUT_CLOSED = 'output closed'

type Output = Writable & { readonly isTTY?: boolean }

/** What main.ts hands to a command: everything of the outside that it may touch. */
export interface CommandContext {
  readonly version: string
  readonly env: Environment
  readonly clock: Clock
  readonly log: Log
  readonly stdout: Output
  readonly stderr: Output
  /** How to write on stdout. */
  readonly style: Style
  readonly installation: Installation
  /**
   * Aborts when the command is asked to end: Ctrl-C, SIGTERM, or the death of the process that started it. The reason is OUTPUT_CLOSED
   * where nobody reads our output any more.
   */
  readonly stop: AbortSignal
  /** Aborts when it is asked a second time: no more waiting for anything. */
  readonly kill: AbortSignal
}
