import type { CommitGroup, CommitOutcome, CommitResult, StoredBatch, V1Sample } from '../store.ts'

/**
 * A commit group as two buffers that move between threads without a copy: cloning an object a batch costs more than storing it.
 * `heads` has HEAD_LENGTH numbers a batch.
 */
export interface PackedGroup {
  readonly heads: Float64Array<ArrayBuffer>
  readonly ticks: Uint8Array<ArrayBuffer>
  readonly samples: readonly V1Sample[]
}

export interface PackedResult {
  /** One a batch: its place in OUTCOMES. */
  readonly outcomes: Uint8Array<ArrayBuffer>
  readonly samples: CommitResult['samples']
}

export const OUTCOMES: readonly CommitOutcome[] = ['stored', 'duplicate', 'fragmented']

const HEAD_LENGTH = 7

export function packGroup(group: CommitGroup): PackedGroup {
  const heads = new Float64Array(group.batches.length * HEAD_LENGTH)
  const ticks = new Uint8Array(group.batches.reduce((bytes, batch) => bytes + batch.ticks.length, 0))
  let at = 0
  let offset = 0
  for (const batch of group.batches) {
    heads[at++] = batch.collectorNo
    heads[at++] = batch.run
    heads[at++] = batch.seq
    heads[at++] = batch.count
    heads[at++] = batch.firstMs
    heads[at++] = batch.lastMs
    heads[at++] = batch.ticks.length
    ticks.set(batch.ticks, offset)
    offset += batch.ticks.length
  }
  return { heads, ticks, samples: group.samples }
}

/** The batches of a packed group, as views into it. */
export function* unpackBatches(group: PackedGroup): Generator<StoredBatch> {
  const { heads, ticks } = group
  let offset = 0
  for (let at = 0; at < heads.length; at += HEAD_LENGTH) {
    const end = offset + (heads[at + 6] as number)
    yield {
      collectorNo: heads[at] as number,
      run: heads[at + 1] as number,
      seq: heads[at + 2] as number,
      count: heads[at + 3] as number,
      firstMs: heads[at + 4] as number,
      lastMs: heads[at + 5] as number,
      ticks: ticks.subarray(offset, end),
    }
    offset = end
  }
}

export function batchCount(group: PackedGroup): number {
  return group.heads.length / HEAD_LENGTH
}

export function unpackResult(result: PackedResult): CommitResult {
  const batches = Array.from(result.outcomes, (outcome) => OUTCOMES[outcome] as CommitOutcome)
  return { batches, samples: result.samples }
}
