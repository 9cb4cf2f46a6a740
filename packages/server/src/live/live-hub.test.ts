import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import {
  ByteReader,
  createSchema,
  formatCollectorId,
  seriesOf,
  TickCursor,
  TickDecoder,
  TickEncoder,
} from '@godwit/protocol'
import { Fleet } from '../fleet/fleet.ts'
import { createServerMetrics } from '../metrics/server-metrics.ts'
import type { CollectorNo, CollectorRecord, StoredBatch } from '../store/store.ts'
import { LiveHub } from './live-hub.ts'
import type { LiveConnection } from './live-subscriber.ts'
import { MAX_SUBSCRIPTIONS } from './subscribe-request.ts'
import { TestClock } from './test-clock.ts'

const START_MS = Date.parse('2026-01-02T03:04:05Z')
const RUN = 0xabcdef012345
const SCHEMA = createSchema([seriesOf('cpu_used_ratio')], (bytes) => hash('sha256', bytes, 'buffer'))

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

test('a tail that can not be read is counted, logged once and tried again', async () => {
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
    `warn live the newest ticks of ${machine.id} can not be read: Error: the reader is gone`,
  ])
  site.tailError = undefined
  site.clock.advance(1000)
  await page.settled()
  assert.deepEqual(page.decoded(), [0])
})

test('a schema that is saved while a collector is watched is sent before its ticks, once', async () => {
  const site = new Site()
  const machine = site.addMachine(1)
  const page = site.open()
  page.subscribe(machine.id)
  await page.settled()
  const newer = createSchema([seriesOf('load1')], (bytes) => hash('sha256', bytes, 'buffer'))
  site.hub.schemaSaved(1, newer)
  site.hub.schemaSaved(1, newer)
  const ids = page.texts.flatMap((text) => text.schema?.id ?? [])
  assert.deepEqual(ids, [SCHEMA.id, newer.id])
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

/** A hub with collectors whose commits it is told of. */
class Site {
  readonly clock = new TestClock(START_MS)
  readonly counters = createServerMetrics()
  readonly fleet = new Fleet(this.clock)
  readonly watchedChanges: string[] = []
  readonly logged: string[] = []
  readonly machines = new Map<CollectorNo, Machine>()
  tailError: Error | undefined
  #gate: Promise<void> = Promise.resolve()
  readonly hub = new LiveHub({
    fleet: this.fleet,
    tailOf: async (no) => {
      const tail = [...(this.machines.get(no)?.batches ?? [])]
      await this.#gate
      if (this.tailError !== undefined) throw this.tailError
      return tail
    },
    schemasOf: async () => [SCHEMA],
    clock: this.clock,
    counters: this.counters,
    log: (level, area, message) => void this.logged.push(`${level} ${area} ${message}`),
  })

  constructor() {
    this.hub.onWatchedChange((no, watched) => this.watchedChanges.push(`${no} ${watched}`))
  }

  addMachine(no: number): Machine {
    const machine = new Machine(this, no)
    this.machines.set(no, machine)
    return machine
  }

  holdTails(): PromiseWithResolvers<void> {
    const gate = Promise.withResolvers<void>()
    this.#gate = gate.promise
    return gate
  }

  open(): Page {
    return new Page(this.hub)
  }
}

class Machine {
  readonly id: string
  readonly batches: StoredBatch[] = []
  readonly #site: Site
  readonly #no: number
  readonly #encoder = new TickEncoder({ schema: SCHEMA, run: RUN, intervalMs: 1000 })
  #seq = 0

  constructor(site: Site, no: number) {
    this.#site = site
    this.#no = no
    this.id = formatCollectorId(new Uint8Array(16).fill(0xa0 + no))
    const record: CollectorRecord = {
      no,
      id: this.id,
      name: `machine ${no}`,
      protocol: 2,
      software: 'test',
      host: {},
      intervalMs: 1000,
      firstSeenMs: START_MS,
    }
    site.fleet.add(record, null)
  }

  commit(count: number): StoredBatch {
    const seq = this.#seq
    const ticks: Uint8Array[] = []
    for (let i = 0; i < count; i++) ticks.push(this.#nextTick())
    const lastMs = START_MS + (this.#seq - 1) * 1000
    const bytes = Buffer.concat(ticks.flatMap((tick) => [Buffer.from([tick.length]), tick]))
    const batch = { collectorNo: this.#no, run: RUN, seq, count, firstMs: START_MS + seq * 1000, lastMs, ticks: bytes }
    this.batches.push(batch)
    this.#site.fleet.committed(this.#no, { flushMs: 10_000, backlogTicks: null }, count, lastMs)
    this.#site.hub.publish(batch)
    return batch
  }

  #nextTick(): Uint8Array {
    const seq = this.#seq++
    const head = { seq, wallMs: START_MS + seq * 1000, monoMs: seq * 1000, missed: 0 }
    return this.#encoder.encode(head, Float64Array.of(seq / 1000)).bytes.slice()
  }
}

interface Text {
  readonly state?: { readonly collector: string; readonly state: string }
  readonly schema?: { readonly id: string }
  readonly error?: { readonly collector: string; readonly code: string }
}

/** The far end of a connection, as far as the hub sees it. */
class Page implements LiveConnection {
  bufferedAmount = 0
  pings = 0
  terminated = false
  closedWith: { code: number; reason: string } | undefined
  readonly texts: Text[] = []
  readonly batches: Uint8Array[] = []
  readonly session: ReturnType<LiveHub['accept']>

  constructor(hub: LiveHub) {
    this.session = hub.accept(this)
  }

  subscribe(...collectors: string[]): void {
    this.session?.receive(JSON.stringify({ subscribe: collectors }))
  }

  send(data: string | Uint8Array): void {
    if (typeof data === 'string') this.texts.push(JSON.parse(data) as Text)
    else this.batches.push(data)
  }

  ping(): void {
    this.pings++
  }

  close(code: number, reason: string): void {
    this.closedWith = { code, reason }
  }

  terminate(): void {
    this.terminated = true
  }

  /** After all promises that are settled now have run. */
  async settled(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
  }

  /** The seqs that a reader that drops duplicates can decode. */
  decoded(): number[] {
    const decoder = new TickDecoder(() => SCHEMA)
    const seqs: number[] = []
    for (const bytes of this.batches) {
      const reader = new ByteReader(bytes, 'TICK_MALFORMED', 16)
      const run = reader.u48()
      const first = reader.varint()
      const count = reader.varint()
      const cursor = new TickCursor(bytes.subarray(reader.offset))
      for (let seq = first; seq < first + count; seq++) {
        assert.ok(cursor.next())
        if (seq <= (seqs.at(-1) ?? -1)) continue
        if (decoder.decode(bytes, reader.offset + cursor.start, reader.offset + cursor.end, run, seq)) seqs.push(seq)
      }
    }
    return seqs
  }
}
