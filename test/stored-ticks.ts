import assert from 'node:assert/strict'

/** A line of the ndjson export. */
export interface StoredTick {
  readonly run: string
  readonly seq: number
  readonly wallMs: number
  readonly correctedMs: number
  readonly values: Readonly<Record<string, number | null>>
}

/** All ticks of a collector that the server at `http` has; none while it does not know the collector. */
export async function storedTicks(http: string, collectorId: string): Promise<StoredTick[]> {
  const response = await fetch(`${http}/api/v1/collectors/${collectorId}/ticks?from=0&to=${Date.now() + 3_600_000}`)
  const text = await response.text()
  if (response.status === 404) return []
  assert.equal(response.status, 200, text)
  return parseTicks(text)
}

export function parseTicks(ndjson: string): StoredTick[] {
  return ndjson
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as StoredTick)
}

/**
 * Asserts that `ticks` are one run, each seq from 0 on once, each in an interval of the wall clock of its own, and that no interval in
 * between is left out but those that the collector itself counted as missed (a busy machine may keep it from sampling).
 */
export function assertUnbroken(ticks: readonly StoredTick[], intervalMs: number): void {
  assert.equal(new Set(ticks.map(({ run }) => run)).size, 1)
  assert.deepEqual(
    ticks.map(({ seq }) => seq),
    Array.from(ticks, (_, seq) => seq),
  )
  // Both clocks are read in whole milliseconds: a tick may seem to come one too early.
  const intervals = ticks.map(({ wallMs }) => Math.floor((wallMs + 5) / intervalMs))
  let leftOut = 0
  for (const [i, interval] of intervals.entries()) {
    const before = intervals[i - 1] ?? interval - 1
    assert.ok(interval > before, `ticks ${i - 1} and ${i} are of one interval`)
    leftOut += interval - before - 1
  }
  // A tick's counter was read before its own misses were added: the second tick's holds those before the first.
  const missedBefore = (tick: StoredTick | undefined): number => tick?.values['collector_missed_ticks_total'] ?? 0
  const counted = missedBefore(ticks.at(-1)) - missedBefore(ticks[1])
  const lastStep = (intervals.at(-1) ?? 0) - (intervals.at(-2) ?? (intervals.at(-1) ?? 0) - 1) - 1
  assert.equal(leftOut, counted + lastStep, 'intervals without a tick are those that the collector missed')
}
