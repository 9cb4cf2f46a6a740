import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WorkLimit } from './work-limit.ts'

const NEVER = new AbortController().signal

function limitOf(
  maxRunning: number,
  maxWaiting: number,
): { work: WorkLimit; running: { value: number }; waiting: { value: number } } {
  const [running, waiting] = [{ value: 0 }, { value: 0 }]
  return { work: new WorkLimit({ maxRunning, maxWaiting }, { running, waiting }), running, waiting }
}

test('work runs in the order in which it came, so many at a time, also when some of it fails', async () => {
  const { work, running, waiting } = limitOf(2, 10)
  const begun: number[] = []
  let most = 0
  const jobs = Array.from({ length: 6 }, async (_, i) =>
    work.run(async () => {
      begun.push(i)
      most = Math.max(most, running.value)
      await Promise.resolve()
      if (i % 2 === 1) throw new Error(`job ${i}`)
      return i
    }, NEVER),
  )
  const results = await Promise.allSettled(jobs)
  assert.deepEqual(
    results.map(({ status }) => status),
    Array.from({ length: 6 }, (_, i) => (i % 2 === 1 ? 'rejected' : 'fulfilled')),
  )
  assert.deepEqual([begun, most, running.value, waiting.value], [[0, 1, 2, 3, 4, 5], 2, 0, 0])
})

test('more than may wait is refused at once', async () => {
  const { work } = limitOf(1, 1)
  const gate = Promise.withResolvers<void>()
  const first = work.run(() => gate.promise, NEVER)
  const second = work.run(() => gate.promise, NEVER)
  await assert.rejects(
    work.run(() => gate.promise, NEVER),
    { code: 'STORE_BUSY' },
  )
  gate.resolve()
  await Promise.all([first, second])
})

test('a slow reader of a stream holds no place between two pieces, and leaving ends the source', async () => {
  const { work, running } = limitOf(1, 1)
  let ended = false
  async function* source(): AsyncGenerator<number> {
    try {
      yield 1
      yield 2
    } finally {
      ended = true
    }
  }
  const stream = work.stream(source(), NEVER)
  assert.equal((await stream.next()).value, 1)
  assert.equal(running.value, 0)
  await stream.return()
  assert.ok(ended)
})
