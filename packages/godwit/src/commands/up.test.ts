import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { styleFor } from '../terminal/style.ts'
import type { CommandContext } from './command-context.ts'
import { runUp } from './up.ts'

const MAIN = join(import.meta.dirname, '../main.ts')
/** Never loaded. */
const WORKER = new URL(import.meta.url)
const ANY_PORT = '127.0.0.1:0'

interface Up {
  readonly child: ChildProcess
  readonly output: { stdout: string; stderr: string }
  /** Resolves when `words` were printed. Fails where the process ends before. */
  printed(stream: 'stdout' | 'stderr', words: RegExp): Promise<void>
}

async function withUp(flags: Record<string, string>, run: (up: Up) => Promise<void>): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'godwit-up-'))
  const all = { data: dataDir, http: ANY_PORT, wire: ANY_PORT, ...flags }
  const args = Object.entries(all).map(([name, value]) => `--${name}=${value}`)
  const child = spawn(process.execPath, [MAIN, 'up', ...args], { stdio: ['ignore', 'pipe', 'pipe'], timeout: 30_000 })
  const output = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text
    })
  }
  const closed = once(child, 'close').then(() => 'closed')
  const printed: Up['printed'] = async (stream, words) => {
    while (!words.test(output[stream])) {
      const next = await Promise.race([once(child[stream], 'data'), closed])
      if (next === 'closed') assert.match(output[stream], words, output.stderr)
    }
  }
  try {
    await run({ child, output, printed })
  } finally {
    if (child.exitCode === null) child.kill('SIGKILL')
    rmSync(dataDir, { recursive: true, force: true })
  }
}

test('up prints the address of the page, which answers, and ends in order at Ctrl-C', () =>
  withUp({}, async ({ child, output, printed }) => {
    await printed('stdout', /Ctrl-C stops both/)
    const [page] = /http:\/\/127\.0\.0\.1:\d+/.exec(output.stdout) ?? []
    const answer = await fetch(`${page}/api/v1/collectors`)
    assert.equal(answer.status, 200)
    child.kill('SIGINT')
    const [exitCode] = (await once(child, 'close')) as [number | null]
    assert.equal(exitCode, 0, output.stderr)
    assert.match(output.stderr, /Stopping: the collector, then the server/)
  }))

test('up outlives the death of both its processes and starts them again', () =>
  withUp({}, async ({ child, output, printed }) => {
    await printed('stdout', /Ctrl-C stops both/)
    const children = childrenOf(child)
    assert.equal(children.length, 2)
    for (const pid of children) process.kill(Number(pid), 'SIGKILL')
    await printed('stderr', /server runs again/)
    await printed('stderr', /collector runs again/)
    child.kill('SIGINT')
    const [exitCode] = (await once(child, 'close')) as [number | null]
    assert.equal(exitCode, 0, output.stderr)
  }))

test('up goes on without a collector that ended by itself, and ends with its server', () =>
  withUp({}, async ({ child, output, printed }) => {
    await printed('stdout', /Ctrl-C stops both/)
    const [server, collector] = childrenOf(child)
    process.kill(Number(collector), 'SIGTERM')
    await printed('stderr', /info collector ended by itself, so it is not started again/)
    const [page] = /http:\/\/127\.0\.0\.1:\d+/.exec(output.stdout) ?? []
    assert.equal((await fetch(`${page}/api/v1/collectors`)).status, 200)
    assert.deepEqual(childrenOf(child), [server])
    process.kill(Number(server), 'SIGTERM')
    const [exitCode] = (await once(child, 'close')) as [number | null]
    assert.equal(exitCode, 0, output.stderr)
    assert.match(output.stderr, /info server ended by itself/)
  }))

test('up that cannot have its port ends with one error and one hint', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const taken = `127.0.0.1:${(other.address() as AddressInfo).port}`
  try {
    await withUp({ http: taken }, async ({ child, output }) => {
      const [exitCode] = (await once(child, 'close')) as [number | null]
      assert.equal(exitCode, 1)
      assert.equal(output.stdout, '')
      assert.match(output.stderr, new RegExp(`^godwit: .*${taken}.*\\nhint: .*--http.*port 0.*\\n$`))
    })
  } finally {
    other.close()
  }
})

test('up that cannot write its data ends with an error that names the directory', () =>
  // Below a file there can be no directory.
  withUp({ data: `${MAIN}/data` }, async ({ child, output }) => {
    const [exitCode] = (await once(child, 'close')) as [number | null]
    assert.equal(exitCode, 1)
    assert.equal(output.stdout, '')
    assert.match(output.stderr, /^godwit: .*main\.ts\/data/)
  }))

test('a second Ctrl-C ends at once what is still starting and does not listen', { timeout: 30_000 }, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'godwit-up-'))
  const command = join(dir, 'deaf.mjs')
  writeFileSync(
    command,
    `import { writeFileSync } from 'node:fs'
     process.on('SIGTERM', () => writeFileSync(import.meta.dirname + '/asked', ''))
     process.on('disconnect', () => process.exit())
     writeFileSync(import.meta.dirname + '/runs', '')`,
  )
  const stop = new AbortController()
  const kill = new AbortController()
  const context: CommandContext = {
    version: '0.0.0',
    env: {},
    // No timer fires: nothing but the second Ctrl-C can end the child.
    clock: { wallMs: () => 0, monoMs: () => 0, setTimer: () => ({ [Symbol.dispose]: () => {} }) },
    log: () => {},
    stdout: process.stdout,
    stderr: process.stderr,
    style: styleFor({}, {}),
    installation: { command, collector: MAIN, workers: { writer: WORKER, reader: WORKER }, webRoot: undefined },
    stop: stop.signal,
    kill: kill.signal,
  }
  const options = {
    data: dir,
    http: { host: '127.0.0.1', port: 0 },
    wire: { host: '127.0.0.1', port: 0 },
    interval: 1000,
    'allow-plain': [],
    'allow-host': [],
  }
  try {
    const up = runUp(options, context)
    await fileAt(join(dir, 'runs'))
    stop.abort()
    await fileAt(join(dir, 'asked'))
    kill.abort()
    await up
  } finally {
    kill.abort()
    rmSync(dir, { recursive: true })
  }
})

async function fileAt(path: string): Promise<void> {
  while (!existsSync(path)) {
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
}

function childrenOf({ pid }: ChildProcess): string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
}
