import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuMs, fineCpuMs, processMemory } from './process-cost.ts'

/** What a start costs is not what running costs. */
const WARM_UP_MS = 20_000

export interface ProcessCost {
  /** Of one core. */
  readonly cpuPercent: number
  readonly privateMb: number
  readonly rssMb: number
}

/** A program that is measured from outside, and ended with its owner. */
export class WatchedProcess implements AsyncDisposable {
  readonly child: ChildProcess
  readonly #name: string
  #errors = ''

  constructor(file: string, args: readonly string[]) {
    this.#name = file
    this.child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-1000)
    })
  }

  /** Resolves with the first text on stdout. Rejects if the program ends before. */
  async firstOutput(): Promise<string> {
    const { stdout } = this.child
    if (stdout === null) throw new Error('BUG: stdout is a pipe')
    const ended = once(this.child, 'exit').then(() => Promise.reject(this.#failure()))
    const [chunk] = (await Promise.race([once(stdout, 'data'), ended])) as [Buffer]
    return chunk.toString()
  }

  /** Warms up, then looks at what `seconds` cost. */
  async cost(seconds: number): Promise<ProcessCost> {
    this.child.stdout?.resume()
    await sleep(WARM_UP_MS)
    const { pid } = this.child
    if (pid === undefined || this.child.exitCode !== null) throw this.#failure()
    const startMs = performance.now()
    const before = processorMs(pid)
    await sleep(seconds * 1000)
    if (this.child.exitCode !== null) throw this.#failure()
    const cpuPercent = ((processorMs(pid) - before) / (performance.now() - startMs)) * 100
    return { cpuPercent, ...processMemory(pid) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null || this.child.pid === undefined) return
    this.child.kill('SIGTERM')
    await once(this.child, 'exit')
  }

  #failure(): Error {
    return new Error(`${this.#name} ended: ${this.#errors.trim()}`)
  }
}

function processorMs(pid: number): number {
  return fineCpuMs(pid) ?? cpuMs(pid)
}
