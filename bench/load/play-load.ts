import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { cpuMs } from '../process-cost.ts'
import type { LoadMessage, LoadPlan } from './load-plan.ts'

type LoadResult = Omit<Extract<LoadMessage, { type: 'done' }>, 'type'> & {
  /** Of the server, all threads, while the clock ran. */
  readonly cpuS: number
}

/** Runs a load in a process of its own, and looks at what it costs the server with this pid. Rejects if the load fails. */
export async function playLoad(file: URL, plan: LoadPlan, pid: number): Promise<LoadResult> {
  const player = fork(file, [JSON.stringify(plan)], { serialization: 'advanced' })
  await messageFrom(player, 'connected')
  const beforeMs = cpuMs(pid)
  player.send('go')
  const { batches, wallS, ackMs } = await messageFrom(player, 'done')
  return { batches, wallS, ackMs, cpuS: (cpuMs(pid) - beforeMs) / 1000 }
}

async function messageFrom<T extends LoadMessage['type']>(
  player: ChildProcess,
  type: T,
): Promise<Extract<LoadMessage, { type: T }>> {
  const ended = once(player, 'exit').then(([code]) => Promise.reject(new Error(`the load ended with ${String(code)}`)))
  const [message] = (await Promise.race([once(player, 'message'), ended])) as [LoadMessage]
  if (message.type !== type) throw new Error(`BUG: the load said ${message.type} where ${type} was due`)
  return message as Extract<LoadMessage, { type: T }>
}
