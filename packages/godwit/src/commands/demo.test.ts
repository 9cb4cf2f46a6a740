import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'

const MAIN = join(import.meta.dirname, '../main.ts')

test('demo says when its past is complete, and the page has it by then', { timeout: 60_000 }, async () => {
  const args = [MAIN, 'demo', '--hours=1', '--collectors=2', '--http=127.0.0.1:0']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 })
  const output = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text
    })
  }
  try {
    while (!output.stderr.includes('past complete')) await once(child.stderr, 'data')
    // Without a terminal there is this line and no other.
    assert.equal(output.stderr, '  past complete: 7,200 ticks\n')
    assert.match(output.stdout, /2 simulated machines, 1 hour of history, then live each second/)
    const [page] = /http:\/\/127\.0\.0\.1:\d+/.exec(output.stdout) ?? []
    const collectors = (await (await fetch(`${page}/api/v1/collectors`)).json()) as { id: string }[]
    for (const { id } of collectors) {
      const range = new URLSearchParams({ from: '0', to: String(2 ** 41), format: 'ndjson' })
      const ticks = await (await fetch(`${page}/api/v1/collectors/${id}/ticks?${range.toString()}`)).text()
      const lines = ticks.split('\n').length - 1
      assert.ok(lines >= 3600, ticks.slice(0, 300))
    }
    child.kill('SIGINT')
    const [exitCode] = (await once(child, 'close')) as [number | null]
    assert.equal(exitCode, 0, output.stderr)
  } finally {
    if (child.exitCode === null) child.kill('SIGKILL')
  }
})
