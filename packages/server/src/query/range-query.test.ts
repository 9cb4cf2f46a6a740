import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SqliteReader } from '../store/sqlite/sqlite-reader.ts'
import {
  batchesOf,
  COLLECTOR,
  CPU,
  MEMORY,
  READS,
  START_MS,
  schemaWith,
  type TickSpec,
  ticksOf,
  WrittenStore,
} from '../store/sqlite/written-store.ts'
import type { StoredBatch } from '../store/store.ts'
import { encodeAnswer } from './answer-json.ts'
import { queryRange, type RangeRequest } from './range-query.ts'

interface AnswerJson {
  level: number
  stepMs: number
  timestampsMs: number[]
  series: Record<string, Record<string, (number | null)[]>>
  gaps: { run: string; lo: number | null; hi: number | null; fromMs: number; toMs: number; cause: string }[]
  undecodable: number
}

const BOTH = schemaWith(CPU, MEMORY)
const RUN = 0xabc

/** The answer for what was stored, from `fromS` to `toS` seconds after START_MS. */
function ask(
  batches: readonly StoredBatch[],
  fromS: number,
  toS: number,
  request: Partial<RangeRequest> = {},
  schemas = [BOTH],
): AnswerJson {
  using store = new WrittenStore()
  for (const schema of schemas) store.addSchema(schema)
  store.addBatches(batches)
  const reader = new SqliteReader(store.dataDir)
  try {
    reader.refresh()
    const range = { fromMs: START_MS + fromS * 1000, toMs: START_MS + toS * 1000 }
    const answer = queryRange(reader, COLLECTOR, { ...range, ...request })
    return JSON.parse(new TextDecoder().decode(encodeAnswer(answer)))
  } finally {
    reader.close()
  }
}

const atS = (...seconds: number[]): number[] => seconds.map((s) => START_MS + s * 1000)
const cpuAt = (i: number): number => (i % 100) / 1000
const plain = (count: number, firstS = 0): TickSpec[] => ticksOf(count, (i) => [cpuAt(i), 1024 * i], firstS)

test('a range within a minute is decoded from the key tick before it', () => {
  const answer = ask(batchesOf(BOTH, RUN, plain(200)), 95, 98)
  assert.equal(answer.level, 0)
  assert.equal(answer.stepMs, 1000)
  assert.deepEqual(answer.timestampsMs, atS(95, 96, 97, 98))
  assert.deepEqual(answer.series['cpu_used_ratio']?.['value'], [0.095, 0.096, 0.097, 0.098])
  assert.deepEqual(answer.series['memory_used_bytes'], {
    unit: 'bytes',
    kind: 'gauge',
    value: [95, 96, 97, 98].map((i) => 1024 * i),
  })
  assert.deepEqual(answer.gaps, [])
})

test('batches that arrive in any order give the same answer', () => {
  const batches = batchesOf(BOTH, RUN, plain(300), { perBatch: 7 })
  const shuffled = batches.toSorted((a, b) => ((a.seq * 7919) % 101) - ((b.seq * 7919) % 101))
  assert.notDeepEqual(shuffled, batches)
  assert.deepEqual(ask(shuffled, 0, 299), ask(batches, 0, 299))
  assert.equal(ask(shuffled, 0, 299).timestampsMs.length, 300)
})

test('as many ticks as points are exact, one more is reduced', () => {
  const batches = batchesOf(BOTH, RUN, plain(301))
  assert.equal(ask(batches, 0, 299, { points: 300 }).level, 0)
  assert.equal(ask(batches, 0, 300, { points: 300 }).level, 1)
})

test('a spike of one second in a day survives in max', () => {
  const ticks = ticksOf(86_400, (i) => [i === 43_210 ? 1 : 0.2, 1024])
  const answer = ask(batchesOf(BOTH, RUN, ticks, { perBatch: 60 }), 0, 86_399, {
    points: 500,
    series: ['cpu_used_ratio'],
  })
  const { mean = [], min = [], max = [] } = answer.series['cpu_used_ratio'] ?? {}
  assert.equal(answer.level, 1)
  assert.equal(answer.stepMs, 173_000)
  const bucket = answer.timestampsMs.findLastIndex((ms) => ms <= START_MS + 43_210_000)
  assert.equal(max[bucket], 1)
  assert.equal(min[bucket], 0.2)
  assert.equal(mean[bucket], 0.20462)
  assert.equal(max.filter((value) => value === 0.2).length, max.length - 1)
  assert.ok(answer.timestampsMs.length <= 501)
  assert.deepEqual(Object.keys(answer.series), ['cpu_used_ratio'])
})

test('buckets are aligned to the epoch, and the empty ones are there as null', () => {
  const ticks = [...plain(10), ...ticksOf(10, () => [0.5, 0], 50)]
  const answer = ask(batchesOf(BOTH, RUN, ticks), 0, 59, { points: 6 })
  assert.deepEqual(answer.timestampsMs, atS(0, 10, 20, 30, 40, 50))
  assert.deepEqual(answer.series['cpu_used_ratio']?.['max'], [0.009, null, null, null, null, 0.5])
  assert.deepEqual(answer.series['cpu_used_ratio']?.['mean'], [0.0045, null, null, null, null, 0.5])
})

test('a reduced counter gives its last, smallest and largest total', () => {
  const schema = schemaWith(READS)
  const ticks = ticksOf(20, (i) => [i < 15 ? 1000 + i : i])
  const answer = ask(batchesOf(schema, RUN, ticks), 0, 19, { points: 2 }, [schema])
  assert.deepEqual(answer.series['disk_reads_total{device="sda"}'], {
    unit: 'count',
    kind: 'counter',
    mean: [1009, 19],
    min: [1000, 15],
    max: [1009, 1014],
  })
})

test('a value that a sensor did not give is null, and no bucket counts it', () => {
  const ticks = ticksOf(20, (i) => [i % 2 === 0 ? 0.4 : Number.NaN, Number.NaN])
  const batches = batchesOf(BOTH, RUN, ticks)
  assert.deepEqual(ask(batches, 4, 6).series['cpu_used_ratio']?.['value'], [0.4, null, 0.4])
  const reduced = ask(batches, 0, 19, { points: 2 })
  assert.deepEqual(reduced.series['cpu_used_ratio']?.['mean'], [0.4, 0.4])
  assert.deepEqual(reduced.series['memory_used_bytes']?.['mean'], [null, null])
})

test('missing seqs break the line and are a gap', () => {
  const batches = batchesOf(BOTH, RUN, plain(180)).filter((batch) => batch.seq !== 60 && batch.seq !== 120)
  const answer = ask(batches, 0, 179)
  // The key ticks 60 and 120 were in those batches: the deltas after 60 are of no use.
  assert.deepEqual(answer.gaps, [
    { run: '000000000abc', lo: 60, hi: 179, fromMs: START_MS + 59_000, toMs: START_MS + 179_000, cause: 'lost' },
  ])
  assert.equal(answer.timestampsMs.length, 60)
  const inKeys = batchesOf(BOTH, RUN, plain(180)).filter((batch) => batch.seq !== 50)
  const broken = ask(inKeys, 45, 62)
  assert.deepEqual(broken.timestampsMs, [...atS(45, 46, 47, 48, 49), START_MS + 54_500, ...atS(60, 61, 62)])
  assert.deepEqual(broken.series['cpu_used_ratio']?.['value']?.slice(4, 7), [0.049, null, 0.06])
  assert.deepEqual(broken.gaps, [
    { run: '000000000abc', lo: 50, hi: 59, fromMs: START_MS + 49_000, toMs: START_MS + 60_000, cause: 'lost' },
  ])
})

test('what is missing at the newest end is no gap', () => {
  const batches = batchesOf(BOTH, RUN, plain(100)).slice(0, 5)
  assert.deepEqual(ask(batches, 0, 99).gaps, [])
})

test('a range that lies within a gap is empty and names it', () => {
  const batches = batchesOf(BOTH, RUN, plain(180)).filter((batch) => batch.seq < 30 || batch.seq >= 120)
  const answer = ask(batches, 60, 70)
  assert.deepEqual(answer.timestampsMs, [])
  assert.deepEqual(
    answer.gaps.map(({ lo, hi, cause }) => [lo, hi, cause]),
    [[30, 119, 'lost']],
  )
})

test('runs are merged by wall time, and the stop between them is a gap', () => {
  const first = batchesOf(BOTH, 7, plain(30))
  const second = batchesOf(
    BOTH,
    8,
    ticksOf(30, () => [0.9, 0], 100),
  )
  const answer = ask([...second, ...first], 25, 105)
  assert.deepEqual(answer.timestampsMs, [
    ...atS(25, 26, 27, 28, 29),
    START_MS + 64_500,
    ...atS(100, 101, 102, 103, 104, 105),
  ])
  assert.deepEqual(answer.gaps, [
    {
      run: '000000000007',
      lo: null,
      hi: null,
      fromMs: START_MS + 29_000,
      toMs: START_MS + 100_000,
      cause: 'collector stopped',
    },
  ])
})

test('two runs at one time are woven into each other', () => {
  const even = ticksOf(10, () => [0.2, 0]).map((tick) => ({ ...tick, atS: tick.atS * 2 }))
  const odd = even.map((tick) => ({ atS: tick.atS + 1, values: [0.3, 0] }))
  const answer = ask([...batchesOf(BOTH, 7, even), ...batchesOf(BOTH, 8, odd)], 0, 5)
  assert.deepEqual(answer.timestampsMs, atS(0, 1, 2, 3, 4, 5))
  assert.deepEqual(answer.series['cpu_used_ratio']?.['value'], [0.2, 0.3, 0.2, 0.3, 0.2, 0.3])
})

test('a pause that the collector counted is a gap', () => {
  const ticks = [...plain(5), { atS: 15, values: [0.1, 0], missed: 10 }]
  assert.deepEqual(ask(batchesOf(BOTH, RUN, ticks), 0, 20).gaps, [
    {
      run: '000000000abc',
      lo: null,
      hi: null,
      fromMs: START_MS + 4000,
      toMs: START_MS + 15_000,
      cause: 'collector paused',
    },
  ])
})

test('a change of schema gives the union of the series', () => {
  const other = schemaWith(CPU, READS)
  const before = batchesOf(BOTH, RUN, plain(10))
  const after = batchesOf(
    other,
    RUN,
    ticksOf(10, (i) => [0.5, i], 10),
    { firstSeq: 10 },
  )
  const answer = ask([...before, ...after], 8, 11, {}, [BOTH, other])
  assert.deepEqual(answer.series['cpu_used_ratio']?.['value'], [0.008, 0.009, 0.5, 0.5])
  assert.deepEqual(answer.series['memory_used_bytes']?.['value'], [8192, 9216, null, null])
  assert.deepEqual(answer.series['disk_reads_total{device="sda"}']?.['value'], [null, null, 0, 1])
  const reduced = ask([...before, ...after], 0, 19, { points: 2 }, [BOTH, other])
  assert.deepEqual(reduced.series['memory_used_bytes']?.['max'], [9216, null])
  assert.deepEqual(reduced.series['disk_reads_total{device="sda"}']?.['mean'], [null, 9])
})

test('the name of a metric selects all of its series', () => {
  const answer = ask(
    batchesOf(
      schemaWith(CPU, READS),
      RUN,
      ticksOf(3, (i) => [0.1, i]),
    ),
    0,
    2,
    { series: ['disk_reads_total'] },
    [schemaWith(CPU, READS)],
  )
  assert.deepEqual(Object.keys(answer.series), ['disk_reads_total{device="sda"}'])
})

test('an unknown series is refused and the nearest named', () => {
  const batches = batchesOf(BOTH, RUN, plain(3))
  assert.throws(() => ask(batches, 0, 2, { series: ['memory_usd_bytes'] }), {
    code: 'SERIES_UNKNOWN',
    hint: 'did you mean memory_used_bytes?',
  })
})

test('damaged bytes cost the ticks up to the next key tick, and are a gap', () => {
  const batches = batchesOf(BOTH, RUN, plain(180))
  const damaged = batches.map((batch) =>
    batch.seq === 20 ? { ...batch, ticks: new Uint8Array(batch.ticks.length).fill(0xff) } : batch,
  )
  const answer = ask(damaged, 0, 179)
  assert.deepEqual(answer.gaps, [
    { run: '000000000abc', lo: 20, hi: 59, fromMs: START_MS + 19_000, toMs: START_MS + 60_000, cause: 'damaged' },
  ])
  assert.equal(answer.undecodable, 40)
  assert.deepEqual(answer.timestampsMs.slice(19, 22), [START_MS + 19_000, START_MS + 39_500, START_MS + 60_000])
  // The damage before the range is not named.
  assert.deepEqual(ask(damaged, 60, 179).gaps, [])
})

test('ticks of a schema that was never stored are a gap', () => {
  const answer = ask(
    batchesOf(
      schemaWith(CPU),
      RUN,
      ticksOf(70, () => [0.1]),
    ),
    0,
    69,
  )
  assert.deepEqual(
    answer.gaps.map(({ lo, hi, cause }) => [lo, hi, cause]),
    [[0, 69, 'damaged']],
  )
  assert.equal(answer.undecodable, 70)
})

test('any corruption of any byte of a batch leaves the ticks from the next key tick on', () => {
  const batches = batchesOf(BOTH, RUN, plain(80), { perBatch: 20 })
  const [first, ...rest] = batches
  for (let at = 0; at < (first?.ticks.length ?? 0); at += 3) {
    const ticks = first?.ticks.slice() ?? new Uint8Array(0)
    ticks[at] = (ticks[at] as number) ^ 0x55
    const answer = ask([{ ...(first as StoredBatch), ticks }, ...rest], 60, 79)
    assert.deepEqual(answer.timestampsMs, atS(...Array.from({ length: 20 }, (_, i) => 60 + i)))
  }
})

test('a range without ticks is empty', () => {
  const answer = ask(batchesOf(BOTH, RUN, plain(10)), 1000, 2000, { series: ['cpu_used_ratio'] })
  assert.deepEqual(answer, {
    level: 0,
    stepMs: 1000,
    timestampsMs: [],
    series: { cpu_used_ratio: { unit: 'ratio', kind: 'gauge', value: [] } },
    gaps: [],
    gapsTruncated: false,
    undecodable: 0,
  })
})

test('a range that ends before it begins, and no range at all, are refused', () => {
  assert.throws(() => ask([], 10, 9), { code: 'RANGE_INVALID' })
  assert.throws(() => ask([], 0, Number.NaN), { code: 'RANGE_INVALID' })
  assert.throws(() => ask([], 0, 9, { points: 0 }), { code: 'RANGE_INVALID' })
  assert.throws(() => ask([], 0, 9, { points: 20_001 }), { code: 'RANGE_INVALID' })
})

test('a clock that was set back within a run loses no tick', () => {
  const ticks = [...plain(100), ...ticksOf(100, () => [0.7, 0], 30)]
  const answer = ask(batchesOf(BOTH, RUN, ticks), 50, 50)
  assert.deepEqual(answer.series['cpu_used_ratio']?.['value'], [0.05, 0.7])
})
