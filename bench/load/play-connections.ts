import type { LoadMessage, LoadPlan } from './load-plan.ts'

/** One connection of a load, which says when it is warm and when it is done. */
export interface LoadConnection {
  connect(): void
}

/** What the connections tell, and where they put how long each acknowledged batch took, ms. */
export interface LoadWatch {
  readonly ackMs: number[]
  readonly onWarm: () => void
  readonly onDone: () => void
}

/**
 * Plays the connections of a plan in this process: connects and warms them all, tells the parent, calls `start` at its word, and sends it
 * what was seen when all are done.
 */
export function playConnections<T extends LoadConnection>(
  plan: LoadPlan,
  create: (index: number, watch: LoadWatch) => T,
  start: (connections: readonly T[]) => void,
): void {
  const ackMs: number[] = []
  let warm = 0
  let done = 0
  let startMs = 0
  const onWarm = (): void => {
    warm++
    if (warm === plan.connections) report({ type: 'connected' })
  }
  const onDone = (): void => {
    done++
    if (done < plan.connections) return
    const wallS = (performance.now() - startMs) / 1000
    const result: LoadMessage = { type: 'done', batches: ackMs.length, wallS, ackMs: ackMs.sort((a, b) => a - b) }
    report(result, () => process.disconnect?.())
  }
  const connections = Array.from({ length: plan.connections }, (_, index) => create(index, { ackMs, onWarm, onDone }))
  for (const connection of connections) connection.connect()
  process.on('message', () => {
    startMs = performance.now()
    start(connections)
  })
}

export function fail(message: string): never {
  process.stderr.write(`load: ${message}\n`)
  process.exit(1)
}

/** Calls back when the parent has it: a channel that is closed before loses what was sent. */
function report(message: LoadMessage, sent: () => void = () => {}): void {
  process.send?.(message, undefined, undefined, sent)
}
