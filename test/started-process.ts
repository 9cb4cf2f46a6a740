import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { until } from './until.ts'

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A Node process under test. Disposing of it kills it, and waits until it and all that it started are gone. */
export class StartedProcess implements AsyncDisposable {
  stdout = ''
  stderr = ''
  readonly exited: Promise<Exit>
  readonly #child: ChildProcess
  #exit: Exit | undefined

  /** `args` after `node`. Variables that are meant for godwit do not reach it unless they are in `env`. */
  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const inherited = Object.entries(process.env).filter(([name]) => !/^(GODWIT_|NODE_|FORCE_COLOR)/.test(name))
    this.#child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...Object.fromEntries(inherited), ...env },
    })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    // Not 'exit': what was printed last may come after it.
    this.exited = once(this.#child, 'close').then(([code, signal]) => {
      this.#exit = { code, signal }
      return this.#exit
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const below = this.descendants()
    this.kill('SIGKILL')
    await this.exited
    // They hear that their owner is gone, and end by themselves.
    await until(`the end of what process ${this.pid} started`, () => !below.some(isRunning))
  }

  get pid(): number {
    return this.#child.pid as number
  }

  get isRunning(): boolean {
    return this.#exit === undefined
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Kills it as a power cut would, and waits until it is gone. */
  async crash(): Promise<void> {
    this.kill('SIGKILL')
    await this.exited
  }

  /** Asks it to end, waits until it has. */
  stop(): Promise<Exit> {
    this.kill('SIGTERM')
    return this.exited
  }

  /** The first line of stdout that is JSON, parsed. Throws with what stderr says if the process ends before. */
  async readyLine(): Promise<Record<string, unknown>> {
    return until(`the ready line of process ${this.pid}`, () => {
      const line = this.stdout.split('\n').find((text) => text.startsWith('{') && text.endsWith('}'))
      if (line !== undefined) return JSON.parse(line) as Record<string, unknown>
      if (!this.isRunning) throw new Error(`ended before it was ready: ${this.stderr}`)
      return undefined
    })
  }

  /** Ids of the processes that it started, and of those that they started. */
  descendants(): number[] {
    return descendantsOf(this.pid)
  }
}

/** Dead ones that nobody waited for count as gone. */
export function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}

function descendantsOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
    const children = text === '' ? [] : text.split(' ').map(Number)
    return children.flatMap((child) => [child, ...descendantsOf(child)])
  } catch {
    return []
  }
}
