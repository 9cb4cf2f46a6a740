import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '../clock.ts'
import {
  batchesOf,
  COLLECTOR,
  CPU,
  MEMORY,
  START_MS,
  schemaWith,
  ticksOf,
  WrittenStore,
} from '../store/sqlite/written-store.ts'
import { QueryService } from './query-service.ts'

const SCHEMA = schemaWith(CPU, MEMORY)
const WORKER = new URL('./reader-worker.ts', import.meta.url)

/** Timers that go off when the test says so. */
class StoppedClock implements Pick<Clock, 'setTimer'> {
  readonly #due = new Set<() => void>()

  setTimer(_delayMs: number, callback: () => void): Disposable {
    this.#due.add(callback)
    return { [Symbol.dispose]: () => void this.#due.delete(callback) }
  }

  get timers(): number {
    return this.#due.size
  }

  fire(): void {
    const due = Array.from(this.#due)
    this.#due.clear()
    for (const callback of due) callback()
  }
}

function setUp(
  workerUrl: URL = WORKER,
): AsyncDisposable & { store: WrittenStore; service: QueryService; clock: StoppedClock } {
  const store = new WrittenStore()
  store.addSchema(SCHEMA)
  const clock = new StoppedClock()
  const service = new QueryService({ dataDir: store.dataDir, workerUrl, clock })
  const dispose = async (): Promise<void> => {
    await service.close()
    store[Symbol.dispose]()
  }
  return { store, service, clock, [Symbol.asyncDispose]: dispose }
}

const HOUR = { fromMs: START_MS, toMs: START_MS + 3_600_000 }
const hour = batchesOf(
  SCHEMA,
  5,
  ticksOf(3600, (i) => [(i % 10) / 10, i * 1024]),
  { perBatch: 60 },
)

test('a query is answered with JSON, and sees what was committed just before', async () => {
  await using at = setUp()
  const timestamps = async (): Promise<number> => {
    const bytes = await at.service.range(COLLECTOR, HOUR)
    return (JSON.parse(new TextDecoder().decode(bytes)) as { timestampsMs: number[] }).timestampsMs.length
  }
  assert.equal(await timestamps(), 0)
  at.store.addBatches(hour.slice(0, 10))
  assert.equal(await timestamps(), 600)
  at.store.addBatches(hour.slice(10, 20))
  assert.equal(await timestamps(), 1200)
})

test('an error keeps its code and its hint', async () => {
  await using at = setUp()
  at.store.addBatches(hour)
  const request = { ...HOUR, series: ['cpu_used'] }
  await assert.rejects(at.service.range(COLLECTOR, request), {
    code: 'SERIES_UNKNOWN',
    hint: 'did you mean cpu_used_ratio?',
  })
  await assert.rejects(at.service.range(99, HOUR), { name: 'ServerError', code: 'COLLECTOR_UNKNOWN' })
})

test('what the live page and the fleet need comes through', async () => {
  await using at = setUp()
  at.store.addBatches(hour)
  assert.deepEqual(
    (await at.service.tail(COLLECTOR)).map((batch) => batch.seq),
    [3540],
  )
  assert.deepEqual(
    (await at.service.tailSchemas(COLLECTOR)).map((schema) => schema.id),
    [SCHEMA.id],
  )
  assert.deepEqual(
    await at.service.spans(),
    new Map([[COLLECTOR, { firstMs: START_MS, lastMs: START_MS + 3_599_000 }]]),
  )
  assert.deepEqual(await at.service.completeness(COLLECTOR, { ...HOUR, toMs: START_MS + 3_599_999 }), {
    storedTicks: 3600,
    expectedTicks: 3600,
  })
  assert.deepEqual(
    (await at.service.runs(COLLECTOR)).map(({ run, ticks, have }) => ({ run, ticks, have })),
    [{ run: 5, ticks: 3600, have: [{ run: 5, lo: 0, hi: 3599 }] }],
  )
  assert.equal((await at.service.newestSchema(COLLECTOR))?.id, SCHEMA.id)
  assert.equal(new TextDecoder().decode(await at.service.gaps(COLLECTOR, HOUR)), '[]')
})

test('an export that is left early holds up nothing', async () => {
  await using at = setUp()
  at.store.addBatches(hour)
  for await (const chunk of at.service.exportTicks(COLLECTOR, HOUR, 'ndjson')) {
    assert.ok(chunk.length >= 65_536)
    break
  }
  let bytes = 0
  for await (const chunk of at.service.exportTicks(COLLECTOR, HOUR, 'csv')) bytes += chunk.length
  assert.ok(bytes > 3600 * 30)
})

test('a thread that dies rejects what was asked, and the next call starts another', async () => {
  const dying = `import { parentPort } from 'node:worker_threads'
    parentPort.on('message', () => { throw new Error('out of luck') })`
  await using at = setUp(new URL(`data:text/javascript,${encodeURIComponent(dying)}`))
  for (let i = 0; i < 2; i++) {
    const asked = [at.service.range(COLLECTOR, HOUR), at.service.gaps(COLLECTOR, HOUR)]
    for (const one of asked) {
      await assert.rejects(one, { code: 'STORE_FAILED', message: /the thread that reads the store died: out of luck/ })
    }
  }
})

test('closing rejects what is pending and what comes after, and leaves no timer', async () => {
  await using at = setUp()
  at.store.addBatches(hour)
  const pending = at.service.range(COLLECTOR, HOUR)
  const closing = at.service.close()
  await assert.rejects(pending, { code: 'STORE_FAILED' })
  await closing
  await assert.rejects(at.service.range(COLLECTOR, HOUR), { code: 'STORE_FAILED' })
  assert.equal(at.clock.timers, 0)
})

test('the index is carried on by a timer, again and again', async () => {
  await using at = setUp()
  for (let i = 0; i < 3; i++) {
    assert.equal(at.clock.timers, 1)
    at.clock.fire()
    // The thread answers in order: after this, the refresh is over.
    await at.service.spans()
  }
})
