import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatCollectorId, TickEncoder } from '@godwit/protocol'
import { MAX_SUBSCRIPTIONS } from './subscribe-request.ts'
import { OTHER_SCHEMA, RUN, SCHEMA, Site, START_MS } from './test-live-site.ts'

test('a browser gets the state, the schema, the tail from its key tick and then each commit, and can decode it', async () => {
  const site = new Site()
  const machine = site.addMachine(1)
  machine.commit(3)
  const page = site.open()
  page.subscribe(machine.id)
  await page.settled()
  machine.commit(2)
  assert.deepEqual(
    page.texts.map((text) => Object.keys(text)[0]),
    ['state', 'schema'],
  )
  assert.equal(page.texts[0]?.state?.collector, machine.id)
  assert.deepEqual(page.decoded(), [0, 1, 2, 3, 4])
})

test('commits that arrive while the tail is read come after it, each once', async () => {
  const site = new Site()
  const machine = site.addMachine(1)
  machine.commit(2)
  const gate = site.holdTails()
  const page = site.open()
  page.subscribe(machine.id)
  machine.commit(1)
  machine.commit(1)
  assert.equal(page.batches.length, 0)
  gate.resolve()
  await page.settled()
  assert.deepEqual(page.decoded(), [0, 1, 2, 3])
  assert.equal(page.batches.length, 3)
})

test('nothing is sent of collectors that the browser does not watch, and unwatching is told once', async () => {
  const site = new Site()
  const [one, two] = [site.addMachine(1), site.addMachine(2)]
  const [page, other] = [site.open(), site.open()]
  page.subscribe(one.id)
  other.subscribe(one.id.toUpperCase())
  await page.settled()
  two.commit(1)
  assert.equal(page.batches.length, 0)
  assert.deepEqual([site.hub.isWatched(1), site.hub.isWatched(2)], [true, false])
  page.subscribe(two.id)
  other.session?.closed()
  await page.settled()
  site.clock.advance(1999)
  assert.deepEqual(site.watchedChanges, ['1 true', '2 true'])
  site.clock.advance(1)
  assert.deepEqual(site.watchedChanges, ['1 true', '2 true', '1 false'])
  assert.equal(site.counters.liveSubscriptions.value, 1)
  assert.equal(site.counters.liveSubscribers.value, 1)
})

test('a slow browser loses ticks, which are counted, and gets the tail again once it has drained', async () => {
  const site = new Site()
  const machine = site.addMachine(1)
  machine.commit(1)
  const page = site.open()
  page.subscribe(machine.id)
  await page.settled()
  page.bufferedAmount = 2 ** 20 + 1
  machine.commit(1)
  machine.commit(2)
  assert.equal(page.batches.length, 1)
  assert.equal(site.counters.liveDropped.value, 3)
  site.clock.advance(1000)
  await page.settled()
  assert.equal(page.batches.length, 1)
  page.bufferedAmount = 0
  site.clock.advance(1000)
  await page.settled()
  machine.commit(1)
  assert.deepEqual(page.decoded(), [0, 1, 2, 3, 4])
})

test('more than a megabyte committed while a tail is read is dropped, and the tail is read again', async () => {
  const site = new Site()
  const machine = site.addMachine(1)
  const gate = site.holdTails()
  const page = site.open()
  page.subscribe(machine.id)
  for (let i = 0; i < 5; i++) site.hub.publish({ ...machine.commit(1), run: 7, ticks: new Uint8Array(250_000) })
  gate.resolve()
  await page.settled()
  assert.equal(page.batches.length, 0)
  assert.ok(site.counters.liveDropped.value > 0)
  site.clock.advance(1000)
  await page.settled()
  assert.deepEqual(page.decoded(), [0, 1, 2, 3, 4])
})

test('a tail that cannot be read is counted, logged once and tried again', async () => {
  const site = new Site()
  const machine = site.addMachine(1)
  machine.commit(1)
  site.tailError = new Error('the reader is gone')
  const page = site.open()
  page.subscribe(machine.id)
  await page.settled()
  site.clock.advance(1000)
  await page.settled()
  assert.equal(site.counters.liveTailFailures.value, 2)
  assert.deepEqual(site.logged, [
    `warn live the newest ticks of ${machine.id} cannot be read: Error: the reader is gone`,
  ])
  site.tailError = undefined
  site.clock.advance(1000)
  await page.settled()
  assert.deepEqual(page.decoded(), [0])
})

test('a schema that is saved while a collector is watched is sent before its ticks, once', async () => {
  const site = new Site()
  const machine = site.addMachine(1)
  machine.commit(1)
  const page = site.open()
  page.subscribe(machine.id)
  await page.settled()
  site.hub.schemaSaved(1, OTHER_SCHEMA)
  site.hub.schemaSaved(1, OTHER_SCHEMA)
  assert.deepEqual(page.schemaIds(), [SCHEMA.id, OTHER_SCHEMA.id])
})

test('of the stored schemas only those that the tail names are sent; one of old comes when ticks name it again', async () => {
  const site = new Site()
  const machine = site.addMachine(1)
  machine.commit(1)
  site.schemas = [OTHER_SCHEMA, SCHEMA]
  const page = site.open()
  page.subscribe(machine.id)
  await page.settled()
  assert.deepEqual(page.schemaIds(), [SCHEMA.id])
  const back = new TickEncoder({ schema: OTHER_SCHEMA, run: RUN, intervalMs: 1000 })
  const tick = back.encode({ seq: 1, wallMs: START_MS, monoMs: 0, missed: 0 }, Float64Array.of(1)).bytes
  machine.commitBytes(1, Buffer.from([tick.length, ...tick]))
  assert.equal(page.batches.length, 1)
  site.clock.advance(1000)
  await page.settled()
  assert.deepEqual(page.schemaIds(), [SCHEMA.id, OTHER_SCHEMA.id])
  assert.equal(page.batches.length, 3)
})

test('ticks of a schema that is not stored are sent as they are, and the tail is read for them once', async () => {
  const site = new Site()
  const machine = site.addMachine(1)
  site.schemas = []
  const page = site.open()
  page.subscribe(machine.id)
  await page.settled()
  machine.commit(1)
  for (let i = 0; i < 3; i++) {
    site.clock.advance(1000)
    await page.settled()
  }
  machine.commit(60)
  assert.deepEqual([page.schemaIds(), page.batches.length, site.tailsRead], [[], 2, 2])
})

test('a slow browser is sent no schema; it comes with the tail once the browser has drained', async () => {
  const site = new Site()
  const machine = site.addMachine(1)
  const page = site.open()
  page.subscribe(machine.id)
  await page.settled()
  page.bufferedAmount = 2 ** 20 + 1
  site.hub.schemaSaved(1, SCHEMA)
  machine.commit(1)
  assert.deepEqual([page.schemaIds(), page.batches.length], [[], 0])
  page.bufferedAmount = 0
  site.clock.advance(1000)
  await page.settled()
  assert.deepEqual(page.schemaIds(), [SCHEMA.id])
  assert.deepEqual(page.decoded(), [0])
})

test('a browser that has not taken 8 MiB is disconnected', () => {
  const site = new Site()
  const page = site.open()
  page.bufferedAmount = 8 * 2 ** 20
  site.clock.advance(1000)
  assert.ok(!page.terminated)
  page.bufferedAmount++
  site.clock.advance(1000)
  assert.ok(page.terminated)
  assert.equal(site.counters.liveRefused.of('slow').value, 1)
})

test('leaving and coming back within two seconds is told to nobody', async () => {
  const site = new Site()
  const machine = site.addMachine(1)
  const page = site.open()
  for (let i = 0; i < 10; i++) {
    page.subscribe(machine.id)
    site.clock.advance(1000)
    page.subscribe()
    site.clock.advance(1000)
  }
  page.subscribe(machine.id)
  await page.settled()
  site.clock.advance(5000)
  assert.deepEqual(site.watchedChanges, ['1 true'])
})

test('a change of state is told within a second, and only then', async () => {
  const site = new Site()
  const machine = site.addMachine(1)
  machine.commit(1)
  const page = site.open()
  page.subscribe(machine.id)
  await page.settled()
  site.clock.advance(10_000)
  await page.settled()
  site.clock.advance(10_000)
  assert.deepEqual(
    page.texts.flatMap((text) => text.state?.state ?? []),
    ['live', 'late'],
  )
})

test('an unknown collector is named, and the others of the request are watched', async () => {
  const site = new Site()
  const machine = site.addMachine(1)
  const page = site.open()
  const stranger = formatCollectorId(new Uint8Array(16))
  page.subscribe(stranger, machine.id)
  await page.settled()
  assert.deepEqual(page.texts[0], { error: { collector: stranger, code: 'COLLECTOR_UNKNOWN' } })
  assert.ok(site.hub.isWatched(1))
})

test('a request that is malformed or too large closes the connection with the reason', () => {
  const tooMany = JSON.stringify({
    subscribe: Array(MAX_SUBSCRIPTIONS + 1).fill(formatCollectorId(new Uint8Array(16))),
  })
  for (const text of ['{', 'null', '[]', '{"subscribe":"all"}', '{"subscribe":[1]}', '{"subscribe":["x"]}', tooMany]) {
    const page = new Site().open()
    page.session?.receive(text)
    assert.equal(page.closedWith?.code, 1008, text)
    assert.ok((page.closedWith?.reason.length ?? 0) > 0 && (page.closedWith?.reason.length ?? 0) <= 123)
  }
})

test('connections are bounded', () => {
  const site = new Site()
  for (let i = 0; i < 1000; i++) site.open()
  assert.equal(site.open().closedWith?.code, 1013)
})

test('a browser that does not answer two minutes of probes is disconnected, one that answers stays', () => {
  const site = new Site()
  const [dead, alive] = [site.open(), site.open()]
  for (let i = 0; i < 125; i++) {
    site.clock.advance(1000)
    alive.session?.heard()
  }
  assert.ok(dead.terminated)
  assert.ok(!alive.terminated && alive.pings > 0)
})

test('closing tells every browser to go, stops the timer and accepts no more', () => {
  const site = new Site()
  const page = site.open()
  site.hub.close()
  assert.equal(page.closedWith?.code, 1001)
  assert.equal(site.clock.pendingTimers, 0)
  assert.equal(site.open().session, undefined)
})
