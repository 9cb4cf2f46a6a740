import { TASK_KINDS, type Task, type TaskKind, type TaskResult } from '@godwit/protocol'
import { printable } from './printable.ts'

export interface TaskRunnerOptions {
  readonly log: (level: 'info' | 'warn', area: string, message: string) => void
  /** The server told the collector to stop. */
  readonly onShutdown: () => void
}

const KIND_CHARS = 64
const MAX_REPORTED_KINDS = 16

/** Does what the server asks for. A kind that it does not know is said once, and of very many not each. */
export class TaskRunner {
  readonly #options: TaskRunnerOptions
  readonly #reportedKinds = new Set<string>()

  constructor(options: TaskRunnerOptions) {
    this.#options = options
  }

  run({ kind }: Task): TaskResult['outcome'] {
    if (!isTaskKind(kind)) {
      this.#reportUnknown(printable(kind, KIND_CHARS))
      return 'failed'
    }
    switch (kind) {
      case 'shutdown':
        this.#options.log('info', 'task', 'the server asked to shut down')
        // Stopping says goodbye, and the server is to be told before that.
        queueMicrotask(this.#options.onShutdown)
        return 'done'
    }
  }

  #reportUnknown(kind: string): void {
    if (this.#reportedKinds.has(kind) || this.#reportedKinds.size === MAX_REPORTED_KINDS) return
    this.#reportedKinds.add(kind)
    const more = this.#reportedKinds.size === MAX_REPORTED_KINDS ? '; no more of these are shown' : ''
    this.#options.log('warn', 'task', `the server asked for "${kind}", which this version does not know${more}`)
  }
}

function isTaskKind(kind: string): kind is TaskKind {
  return (TASK_KINDS as readonly string[]).includes(kind)
}
