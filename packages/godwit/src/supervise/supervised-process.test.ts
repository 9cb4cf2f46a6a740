import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import type { Clock } from '../clock.ts'
import { GodwitError } from '../errors.ts'
import { RestartBackoff } from './restart-backoff.ts'
import { SupervisedProcess } from './supervised-process.ts'

/** Time that stands still: timers fire when the test says so. */
class HeldClock implements Clock {
  readonly timers: { delayMs: number; fire: () => void }[] = []
  nowMs = 0

  wallMs(): number {
    return this.nowMs
  }

  monoMs(): number {
    return this.nowMs
  }

  setTimer(delayMs: number, fire: () => void): Disposable {
    const timer = { delayMs, fire }
    this.timers.push(timer)
    return { [Symbol.dispose]: () => void this.timers.splice(this.timers.indexOf(timer), 1) }
  }
}

interface Bench {
  readonly clock: HeldClock
  readonly dir: string
  readonly lines: string[]
  /** Resolves with the next line of log that matches. */
  logged(words: RegExp): Promise<string>
  /** `restartArgs` are added from the second start on. */
  supervise(script: string, restartArgs?: readonly string[]): SupervisedProcess
}

/** A child script runs in `dir`, as an ES module. */
async function onBench(run: (bench: Bench) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'godwit-supervise-'))
  const clock = new HeldClock()
  const lines: string[] = []
  const waiting: { words: RegExp; resolve: (line: string) => void }[] = []
  const started: SupervisedProcess[] = []
  const bench: Bench = {
    clock,
    dir,
    lines,
    logged: (words) =>
      new Promise((resolve) => {
        const seen = lines.find((line) => words.test(line))
        if (seen !== undefined) resolve(seen)
        else waiting.push({ words, resolve })
      }),
    supervise: (script, restartArgs = []) => {
      const path = join(dir, 'child.mjs')
      writeFileSync(path, script)
      const spec = {
        name: 'child',
        stopMs: 1000,
        env: process.env,
        args: (last?: object) => [path, JSON.stringify(last ?? null), ...(last === undefined ? [] : restartArgs)],
      }
      const child = new SupervisedProcess(spec, clock, (level, where, text) => {
        const line = `${level} ${where} ${text}`
        lines.push(line)
        for (const { words, resolve } of waiting) if (words.test(line)) resolve(line)
      })
      started.push(child)
      return child
    },
  }
  try {
    await run(bench)
  } finally {
    for (const child of started) child.kill()
    rmSync(dir, { recursive: true })
  }
}

const READY = `process.on('disconnect', () => process.exit()); console.log('{"ready":true,"wire":"127.0.0.1:7"}');`

test('a process that is ready says what it printed', () =>
  onBench(async ({ supervise }) => {
    const child = supervise(`console.log('not json'); console.log('{"a":1}'); ${READY}`)
    assert.deepEqual(await child.start(), { ready: true, wire: '127.0.0.1:7' })
    await child.stop()
    assert.equal(child.pid, undefined)
  }))

test('a process that ends before it is ready is not started again', () =>
  onBench(async ({ supervise, clock }) => {
    const child = supervise('process.exit(1)')
    await assert.rejects(child.start(), (error) => {
      assert.ok(error instanceof GodwitError)
      assert.equal(error.code, 'START_REFUSED')
      assert.match(error.message, /child did not start: it ended with exit code 1/)
      return true
    })
    assert.equal(clock.timers.length, 0)
  }))

test('a process that is killed before it is ready is told from one that said why', () =>
  onBench(async ({ supervise }) => {
    await assert.rejects(supervise("process.kill(process.pid, 'SIGKILL')").start(), {
      code: 'START_FAILED',
      message: 'the child did not start: it was ended by SIGKILL',
    })
  }))

test('a process that was ready and is killed is started again, and told what it said before', () =>
  onBench(async ({ supervise, clock, dir, logged }) => {
    const child = supervise(`import { appendFileSync } from 'node:fs'
      appendFileSync(import.meta.dirname + '/starts', process.argv[2] + '\\n'); ${READY}`)
    await child.start()
    process.kill(child.pid as number, 'SIGKILL')
    assert.match(await logged(/ended/), /^warn child was ended by SIGKILL; starts again in 0\.5 s$/)
    assert.deepEqual(
      clock.timers.map(({ delayMs }) => delayMs),
      [500],
    )
    clock.timers.shift()?.fire()
    await logged(/^info child runs again$/)
    assert.equal(readFileSync(join(dir, 'starts'), 'utf8'), 'null\n{"ready":true,"wire":"127.0.0.1:7"}\n')
    await child.stop()
  }))

test('a process that ends with exit code 0 by itself is not started again, and its owner hears of it', () =>
  onBench(async ({ supervise, clock, lines }) => {
    const child = supervise(`process.on('SIGTERM', () => process.exit(0)); ${READY}`)
    await child.start()
    process.kill(child.pid as number, 'SIGTERM')
    await child.finished
    assert.deepEqual(lines, ['info child ended by itself, so it is not started again'])
    assert.equal(clock.timers.length, 0)
    assert.equal(child.pid, undefined)
    await child.stop()
  }))

test('a start that the system refuses is tried again', () =>
  onBench(async ({ supervise, clock, logged }) => {
    const child = supervise(READY)
    await child.start()
    process.kill(child.pid as number, 'SIGKILL')
    await logged(/was ended by SIGKILL; starts again in 0\.5 s/)
    await withNodeAt('/nowhere/node', async () => {
      clock.timers.shift()?.fire()
      await logged(/^warn child could not be run; starts again in 1 s$/)
    })
    await logged(/^error child spawn .*ENOENT$/)
    clock.timers.shift()?.fire()
    await logged(/^info child runs again$/)
    await child.stop()
  }))

test('a start that the system refuses at once is tried again', () =>
  onBench(async ({ supervise, clock, logged }) => {
    // More than Linux takes as one argument.
    const child = supervise(READY, ['x'.repeat(200_000)])
    await child.start()
    process.kill(child.pid as number, 'SIGKILL')
    await logged(/was ended by SIGKILL/)
    clock.timers.shift()?.fire()
    await logged(/^warn child the child did not start: spawn E2BIG; starts again in 1 s$/)
    assert.equal(clock.timers.length, 1)
    await child.stop()
    assert.equal(clock.timers.length, 0)
  }))

test('a first start that the system refuses is a failure that says so', () =>
  onBench(async ({ supervise, lines }) => {
    await withNodeAt('/nowhere/node', () =>
      assert.rejects(supervise(READY).start(), {
        code: 'START_FAILED',
        message: 'the child did not start: it could not be run',
      }),
    )
    assert.match(lines.join(), /ENOENT/)
  }))

test('stopping while it waits to start again leaves nothing running and no timer', () =>
  onBench(async ({ supervise, clock, logged }) => {
    const child = supervise(READY)
    await child.start()
    process.kill(child.pid as number, 'SIGKILL')
    await logged(/ended/)
    await child.stop()
    assert.equal(clock.timers.length, 0)
    assert.equal(child.pid, undefined)
  }))

test('a process that does not end when asked is killed', () =>
  onBench(async ({ supervise, clock, logged }) => {
    const child = supervise(`process.on('SIGTERM', () => console.error('no')); setInterval(() => {}, 1000); ${READY}`)
    await child.start()
    const stopped = child.stop()
    assert.equal(clock.timers[0]?.delayMs, 1000)
    clock.timers[0]?.fire()
    await stopped
    await logged(/did not end within 1 s: killed/)
  }))

test('stopping before it is ready is no failure', () =>
  onBench(async ({ supervise }) => {
    const child = supervise('setInterval(() => {}, 1000)')
    const started = child.start()
    await child.stop()
    assert.equal(await started, 'stopped')
  }))

test('a process does not outlive an owner that is killed', () =>
  onBench(async ({ dir }) => {
    writeFileSync(join(dir, 'child.mjs'), READY)
    writeFileSync(
      join(dir, 'owner.mjs'),
      `import { SupervisedProcess } from ${JSON.stringify(join(import.meta.dirname, 'supervised-process.ts'))}
       const clock = { wallMs: () => 0, monoMs: () => 0, setTimer: () => ({ [Symbol.dispose]() {} }) }
       const spec = { name: 'child', stopMs: 1, env: process.env, args: () => [${JSON.stringify(join(dir, 'child.mjs'))}] }
       const child = new SupervisedProcess(spec, clock, () => {})
       await child.start()
       console.log(child.pid)
       process.on('SIGUSR2', () => {})`,
    )
    const owner = spawn(process.execPath, [join(dir, 'owner.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = (await once(createInterface({ input: owner.stdout }), 'line')) as [string]
    owner.kill('SIGKILL')
    await untilGone(Number(line))
  }))

test('delays double up to half a minute, and begin anew after a healthy minute', () => {
  const backoff = new RestartBackoff()
  const delaysMs = Array.from({ length: 8 }, () => backoff.nextDelayMs(10))
  assert.deepEqual(delaysMs, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
  assert.equal(backoff.nextDelayMs(60_000), 500)
})

async function withNodeAt(path: string, run: () => Promise<void>): Promise<void> {
  const { execPath } = process
  process.execPath = path
  try {
    await run()
  } finally {
    process.execPath = execPath
  }
}

/** Waits for a process that is not a child of ours. */
async function untilGone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    if (readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')) return
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
}
