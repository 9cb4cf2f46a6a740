import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TaskRunner } from './task-runner.ts'

function startRunner() {
  const lines: string[] = []
  const shutdowns: string[] = []
  const runner = new TaskRunner({
    log: (_level, _area, message) => lines.push(message),
    onShutdown: () => shutdowns.push('now'),
  })
  return { runner, lines, shutdowns, run: (kind: string) => runner.run({ type: 'task', id: 1, kind }) }
}

test('shutdown is done after the answer is given', async () => {
  const { run, shutdowns } = startRunner()
  assert.equal(run('shutdown'), 'done')
  assert.deepEqual(shutdowns, [])
  await Promise.resolve()
  assert.deepEqual(shutdowns, ['now'])
})

test('an unknown kind fails each time, and is shown once, clipped and without control characters', () => {
  const { run, lines } = startRunner()
  const kind = `\x1b[2J${'k'.repeat(1000)}`
  for (let i = 0; i < 5; i++) assert.equal(run(kind), 'failed')
  assert.deepEqual(lines, [`the server asked for "?[2J${'k'.repeat(59)}…", which this version does not know`])
})

test('a server that thinks of a new kind each time does not fill the log', () => {
  const { run, lines } = startRunner()
  for (let i = 0; i < 1000; i++) assert.equal(run(`kind ${i}`), 'failed')
  assert.equal(lines.length, 16)
  assert.match(lines.at(-1) ?? '', /no more of these/)
})
