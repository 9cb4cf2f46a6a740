import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import {
  createSchema,
  LIMITS,
  type Schema,
  type Series,
  seriesOf,
  TickCursor,
  TickDecoder,
  TickEncoder,
} from '@godwit/protocol'
import fc from 'fast-check'
import { MemoryQueue } from './memory-queue.ts'
import type { QueueBatch } from './queue.ts'
import { BLOCK_TICKS, TickBlock } from './tick-block.ts'

const RUN = 99

function schemaOf(...series: Series[]): Schema {
  return createSchema(series, (bytes) => hash('sha256', bytes, 'buffer'))
}

const SMALL = schemaOf(seriesOf('memory_total_bytes'), seriesOf('memory_used_bytes'))
const OTHER = schemaOf(seriesOf('memory_used_bytes'))
/** Floats that change each second cost 8 bytes each: the largest ticks that there are. */
const HUGE = schemaOf(
  ...Array.from(
    { length: 4000 },
    (_, i): Series => ({ ...seriesOf('cpu_used_ratio'), name: `cpu_user_ratio{cpu="${i}"}`, resolution: null }),
  ),
)

/** Puts encoded ticks into a queue and remembers what they were. */
class Source {
  readonly queue: MemoryQueue
  /** By seq: what a reader must find. */
  readonly put: { wallMs: number; schema: Schema; first: number }[] = []
  #encoder: TickEncoder | undefined
  #random = 1

  constructor(limitBytes: number) {
    this.queue = new MemoryQueue(RUN, limitBytes)
  }

  append(schema: Schema): void {
    if (this.#encoder?.schema !== schema) this.#encoder = new TickEncoder({ schema, run: RUN, intervalMs: 1000 })
    const seq = this.put.length
    const wallMs = 1_700_000_000_000 + seq * 1000
    const values = Float64Array.from(schema.series, ({ resolution }) => this.#next() * (resolution ?? 1e-9))
    const { isKey, bytes } = this.#encoder.encode({ seq, wallMs, monoMs: seq * 1000, missed: 0 }, values)
    this.queue.append({ seq, wallMs, isKey, bytes }, schema)
    this.put.push({ wallMs, schema, first: values[0] as number })
  }

  /** Reads all from `seq` on, decodes it, and compares it with what was put in. Returns the seqs. */
  readAll(seq: number): number[] {
    const read: number[] = []
    const schemas = [SMALL, OTHER, HUGE]
    const decoder = new TickDecoder((id) => schemas.find((schema) => schema.id === id))
    for (let batch = this.queue.read(seq); batch !== undefined; batch = this.queue.read(batch.seq + batch.count)) {
      assert.ok(batch.ticks.length <= LIMITS.batchTickBytes && batch.count <= LIMITS.batchTicks)
      assert.equal(batch.firstWallMs, this.put[batch.seq]?.wallMs)
      assert.equal(batch.lastWallMs, this.put[batch.seq + batch.count - 1]?.wallMs)
      assert.ok(this.queue.schemas.some(({ id }) => id === batch?.schemaId))
      read.push(...this.#check(batch, decoder))
    }
    return read
  }

  #check(batch: QueueBatch, decoder: TickDecoder): number[] {
    const cursor = new TickCursor(batch.ticks)
    const read: number[] = []
    for (let seq = batch.seq; cursor.next(); seq++) {
      assert.ok(
        decoder.decode(batch.ticks, cursor.start, cursor.end, RUN, seq),
        `tick ${seq} has no key tick before it`,
      )
      const put = this.put[seq]
      assert.equal(decoder.wallMs, put?.wallMs)
      assert.equal(decoder.schema?.id, put?.schema.id)
      assert.equal(decoder.values[0], put?.first)
      read.push(seq)
    }
    assert.equal(read.length, batch.count)
    return read
  }

  /** Whole, so that a multiple of a resolution is exact. */
  #next(): number {
    this.#random = (this.#random * 48_271) % 2_147_483_647
    return this.#random
  }
}

function seqs(lo: number, hi: number): number[] {
  return Array.from({ length: Math.max(0, hi - lo + 1) }, (_, i) => lo + i)
}

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ ticks: fc.integer({ min: 1, max: 300 }), other: fc.boolean() }, { noNullPrototype: true }),
  },
  { weight: 3, arbitrary: fc.record({ ack: fc.double({ min: 0, max: 1, noNaN: true }) }, { noNullPrototype: true }) },
)

test('whatever is appended, acknowledged and evicted: what is read is what was put in, and the counts are exact', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), fc.integer({ min: 8000, max: 60_000 }), (steps, limitBytes) => {
      const source = new Source(limitBytes)
      const { queue } = source
      let ackedBelow = 0
      let everAckedBelow = 0
      const lost = new Set<number>()
      for (const action of steps) {
        if ('ack' in action) {
          ackedBelow = Math.floor(action.ack * source.put.length)
          everAckedBelow = Math.max(everAckedBelow, ackedBelow)
          queue.acknowledgedBelow(ackedBelow)
        } else {
          for (let i = 0; i < action.ticks; i++) {
            const before = queue.range?.lo ?? 0
            source.append(action.other ? OTHER : SMALL)
            for (const seq of seqs(before, (queue.range?.lo as number) - 1)) if (seq >= ackedBelow) lost.add(seq)
          }
        }
        const { range, counts } = queue
        if (range === undefined) continue
        assert.equal(range.hi, source.put.length - 1)
        assert.equal(counts.evictedTicks, lost.size)
        assert.equal(counts.heldTicks, range.hi - range.lo + 1)
        assert.equal(counts.owedTicks, Math.max(0, range.hi - Math.max(range.lo, ackedBelow) + 1))
        assert.deepEqual(source.readAll(0), seqs(range.lo, range.hi))
        assert.equal(queue.read(range.hi + 1), undefined)
        // What is not acknowledged is held unless it was counted as evicted.
        assert.ok(range.lo <= everAckedBelow || lost.size > 0)
        const isOneBlock = counts.heldTicks <= 256
        assert.ok(counts.heldBytes <= limitBytes || isOneBlock, `${counts.heldBytes} of ${limitBytes} bytes`)
      }
    }),
    { numRuns: 80 },
  )
})

test('an empty queue has nothing to read', () => {
  const queue = new MemoryQueue(RUN, 1000)
  assert.equal(queue.range, undefined)
  assert.equal(queue.read(0), undefined)
  assert.deepEqual(queue.schemas, [])
  assert.deepEqual(queue.counts, { heldTicks: 0, heldBytes: 0, owedTicks: 0, evictedTicks: 0 })
})

test('all acknowledged: the newest ticks stay, for a server that loses everything', () => {
  const source = new Source(1_000_000)
  for (let i = 0; i < 1000; i++) source.append(SMALL)
  source.queue.acknowledgedBelow(1000)
  const { lo = -1, hi } = source.queue.range ?? {}
  assert.equal(hi, 999)
  assert.deepEqual(source.readAll(0), seqs(lo, 999))
  assert.equal(source.queue.counts.owedTicks, 0)
  source.queue.acknowledgedBelow(lo)
  assert.equal(source.queue.counts.owedTicks, 1000 - lo)
})

test('a reader gets what is below its bound and no more', () => {
  const source = new Source(1_000_000)
  for (let i = 0; i < 100; i++) source.append(SMALL)
  const { seq, count, lastWallMs } = source.queue.read(20, 50) ?? {}
  assert.deepEqual([seq, count, lastWallMs], [20, 30, source.put[49]?.wallMs])
  assert.equal(source.queue.read(50, 50), undefined)
})

test('a block says so when it is given more ticks than it has places for', () => {
  const block = new TickBlock(SMALL, 0, 4096)
  const append = (seq: number): void => block.append({ seq, wallMs: seq, isKey: false, bytes: Uint8Array.of(1) })
  for (let seq = 0; seq < BLOCK_TICKS; seq++) append(seq)
  assert.throws(() => append(BLOCK_TICKS), /^Error: BUG:/)
  assert.equal(block.count, BLOCK_TICKS)
})

test('ticks of thousands of series come in batches that a frame can carry', () => {
  const source = new Source(64 * 1024 * 1024)
  for (let i = 0; i < 70; i++) source.append(HUGE)
  assert.deepEqual(source.readAll(0), seqs(0, 69))
})
