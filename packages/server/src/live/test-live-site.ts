import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import {
  ByteReader,
  createSchema,
  formatCollectorId,
  type Schema,
  seriesOf,
  TickCursor,
  TickDecoder,
  TickEncoder,
} from '@godwit/protocol'
import { Fleet } from '../fleet/fleet.ts'
import { createServerMetrics, type ServerMetrics } from '../metrics/server-metrics.ts'
import type { CollectorNo, CollectorRecord, StoredBatch } from '../store/store.ts'
import { LiveHub } from './live-hub.ts'
import type { LiveConnection } from './live-subscriber.ts'
import { TestClock } from './test-clock.ts'

export const START_MS: number = Date.parse('2026-01-02T03:04:05Z')
export const RUN: number = 0xabcdef012345
export const OTHER_SCHEMA: Schema = createSchema([seriesOf('load1')], (bytes) => hash('sha256', bytes, 'buffer'))
export const SCHEMA: Schema = createSchema([seriesOf('cpu_used_ratio')], (bytes) => hash('sha256', bytes, 'buffer'))

/** For tests: a hub with collectors whose commits it is told of. */
export class Site {
  readonly clock: TestClock = new TestClock(START_MS)
  readonly counters: ServerMetrics = createServerMetrics()
  readonly fleet: Fleet = new Fleet(this.clock)
  readonly watchedChanges: string[] = []
  readonly logged: string[] = []
  readonly machines: Map<CollectorNo, Machine> = new Map<CollectorNo, Machine>()
  tailError: Error | undefined
  schemas: Schema[] = [SCHEMA]
  tailsRead = 0
  #gate: Promise<void> = Promise.resolve()
  readonly hub: LiveHub = new LiveHub({
    fleet: this.fleet,
    tailOf: async (no) => {
      this.tailsRead++
      const tail = [...(this.machines.get(no)?.batches ?? [])]
      await this.#gate
      if (this.tailError !== undefined) throw this.tailError
      return tail
    },
    schemasOf: async () => this.schemas,
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

export class Machine {
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
    const bytes = Buffer.concat(ticks.flatMap((tick) => [Buffer.from([tick.length]), tick]))
    return this.commitBytes(count, bytes, seq)
  }

  commitBytes(count: number, ticks: Uint8Array, seq: number = this.#seq): StoredBatch {
    const firstMs = START_MS + seq * 1000
    const lastMs = firstMs + (count - 1) * 1000
    const batch = { collectorNo: this.#no, run: RUN, seq, count, firstMs, lastMs, ticks }
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
export class Page implements LiveConnection {
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

  schemaIds(): string[] {
    return this.texts.flatMap((text) => text.schema?.id ?? [])
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
