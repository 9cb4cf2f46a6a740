import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Clock } from '../clock.ts'
import { GodwitError } from '../errors.ts'
import type { Log } from '../terminal/log-line.ts'
import { parseReadyLine, type ReadyLine } from './ready-line.ts'
import { RestartBackoff } from './restart-backoff.ts'

export interface ProcessSpec {
  /** One word, for logs. */
  readonly name: string
  /** Arguments after `node`; `last` is what the process said when it was ready the last time. */
  readonly args: (last: ReadyLine | undefined) => readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** What it may take to end when asked, before it is killed. */
  readonly stopMs: number
}

type State =
  | { readonly is: 'idle' }
  | { readonly is: 'running'; readonly child: ChildProcess; readonly sinceMs: number }
  | { readonly is: 'waiting'; readonly timer: Disposable }
  | { readonly is: 'stopping'; readonly child: ChildProcess }
  | { readonly is: 'stopped' }

/**
 * Keeps one Node process running: once it has been ready, it is started again whenever it fails, with growing delays; not when it
 * ends with exit code 0, because somebody asked it to.
 * The process has a session of its own, so that a Ctrl-C of the terminal reaches its owner alone, and an IPC channel, so that it
 * hears 'disconnect' should its owner die.
 */
export class SupervisedProcess {
  readonly #spec: ProcessSpec
  readonly #clock: Clock
  readonly #log: Log
  readonly #backoff: RestartBackoff = new RestartBackoff()
  #state: State = { is: 'idle' }
  #ready: ReadyLine | undefined
  readonly #finish: PromiseWithResolvers<void> = Promise.withResolvers()

  constructor(spec: ProcessSpec, clock: Clock, log: Log) {
    this.#spec = spec
    this.#clock = clock
    this.#log = log
  }

  /** Resolves when the process, once it has been ready, ended by itself with exit code 0. */
  get finished(): Promise<void> {
    return this.#finish.promise
  }

  /** The process that runs now. */
  get pid(): number | undefined {
    return this.#state.is === 'running' || this.#state.is === 'stopping' ? this.#state.child.pid : undefined
  }

  /** Resolves when the process is ready, or 'stopped' if `stop` came first. Throws START_FAILED or START_REFUSED if it ends before. */
  async start(): Promise<ReadyLine | 'stopped'> {
    const child = this.#launch()
    const ready = await this.#untilReady(child)
    if (ready !== undefined) return ready
    if (this.#state.is === 'stopped' || this.#state.is === 'stopping') return 'stopped'
    this.#state = { is: 'stopped' }
    const hasSaidWhy = child.pid !== undefined && child.exitCode !== null && child.exitCode !== 0
    throw new GodwitError(hasSaidWhy ? 'START_REFUSED' : 'START_FAILED', {
      what: `the ${this.#spec.name} did not start: it ${endOf(child)}`,
    })
  }

  /** Asks the process to end and waits until it has; kills it after `stopMs`. */
  async stop(): Promise<void> {
    const state = this.#state
    if (state.is === 'waiting') state.timer[Symbol.dispose]()
    if (state.is !== 'running') {
      if (state.is !== 'stopping') this.#state = { is: 'stopped' }
      return
    }
    const { child } = state
    this.#state = { is: 'stopping', child }
    const ended = endedOf(child)
    child.kill('SIGTERM')
    using _timer = this.#clock.setTimer(this.#spec.stopMs, () => {
      this.#log('warn', this.#spec.name, `did not end within ${this.#spec.stopMs / 1000} s: killed`)
      child.kill('SIGKILL')
    })
    await ended
    this.#state = { is: 'stopped' }
  }

  /** Ends the process at once. */
  kill(): void {
    const state = this.#state
    if (state.is === 'waiting') state.timer[Symbol.dispose]()
    if (state.is === 'running') this.#state = { is: 'stopping', child: state.child }
    if (state.is === 'running' || state.is === 'stopping') state.child.kill('SIGKILL')
  }

  /** Throws START_FAILED where the system refuses at once; where it refuses a moment later, the child has no pid and ends. */
  #launch(): ChildProcess {
    const child = this.#spawn()
    this.#state = { is: 'running', child, sinceMs: this.#clock.monoMs() }
    child.on('error', (error) => this.#log('error', this.#spec.name, error.message))
    void endedOf(child).then(() => this.#ended(child))
    return child
  }

  #spawn(): ChildProcess {
    try {
      return spawn(process.execPath, this.#spec.args(this.#ready), {
        stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
        detached: true,
        env: this.#spec.env,
      })
    } catch (cause) {
      const what = `the ${this.#spec.name} did not start: ${(cause as Error).message}`
      throw new GodwitError('START_FAILED', { what }, { cause })
    }
  }

  /** Undefined if the process ends before it is ready. */
  #untilReady(child: ChildProcess): Promise<ReadyLine | undefined> {
    return new Promise((resolve) => {
      void endedOf(child).then(() => resolve(undefined))
      // Without file descriptors left, there is no pipe either, whatever the type says.
      if (!child.stdout) return
      createInterface({ input: child.stdout }).on('line', (line) => {
        const ready = parseReadyLine(line)
        if (ready === undefined) return
        this.#ready = ready
        resolve(ready)
      })
    })
  }

  #ended(child: ChildProcess): void {
    const state = this.#state
    if (state.is !== 'running' || state.child !== child) return
    // It has never been ready: start() says so, and trying again would fail again.
    if (this.#ready === undefined) return
    if (child.exitCode === 0) {
      this.#state = { is: 'stopped' }
      this.#log('info', this.#spec.name, 'ended by itself, so it is not started again')
      this.#finish.resolve()
      return
    }
    this.#startLater(endOf(child), this.#clock.monoMs() - state.sinceMs)
  }

  #startLater(why: string, ranMs: number): void {
    const delayMs = this.#backoff.nextDelayMs(ranMs)
    this.#log('warn', this.#spec.name, `${why}; starts again in ${delayMs / 1000} s`)
    const timer = this.#clock.setTimer(delayMs, () => {
      void this.#restart()
    })
    this.#state = { is: 'waiting', timer }
  }

  async #restart(): Promise<void> {
    try {
      const ready = await this.#untilReady(this.#launch())
      if (ready !== undefined) this.#log('info', this.#spec.name, 'runs again')
    } catch (error) {
      if (!(error instanceof GodwitError)) throw error
      this.#startLater(error.message, 0)
    }
  }
}

/** 'close' and not 'exit', which a child that could not be spawned never says. */
function endedOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('close', () => resolve())
  })
}

function endOf(child: ChildProcess): string {
  if (child.pid === undefined) return 'could not be run'
  return child.signalCode === null ? `ended with exit code ${child.exitCode}` : `was ended by ${child.signalCode}`
}
