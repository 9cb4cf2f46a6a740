import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const MAIN = join(import.meta.dirname, '../main.ts')
const ANY_PORT = '127.0.0.1:0'

interface Up {
  readonly child: ChildProcess
  readonly output: { stdout: string; stderr: string }
  /** Resolves when `words` were printed. */
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
  const printed: Up['printed'] = async (stream, words) => {
    while (!words.test(output[stream])) await once(child[stream], 'data')
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

test('up that can not have its port ends with one error and one hint', async () => {
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

test('up that can not write its data ends with an error that names the directory', () =>
  // Below a file there can be no directory.
  withUp({ data: `${MAIN}/data` }, async ({ child, output }) => {
    const [exitCode] = (await once(child, 'close')) as [number | null]
    assert.equal(exitCode, 1)
    assert.equal(output.stdout, '')
    assert.match(output.stderr, /^godwit: .*main\.ts\/data/)
  }))
