import type { MetricKind, Unit } from '@godwit/protocol'

export type NullableColumn = readonly (number | null)[]

/** `value` where every second is there; otherwise mean, min and max of each step. A counter's mean is its last total. */
export interface RangeSeries {
  readonly unit: Unit
  readonly kind: MetricKind
  readonly value?: NullableColumn
  readonly mean?: NullableColumn
  readonly min?: NullableColumn
  readonly max?: NullableColumn
}

/** A time without ticks: from the last one before it to the first one after it. lo..hi are null where none were taken. */
export interface Gap {
  readonly run: string
  readonly lo: number | null
  readonly hi: number | null
  readonly fromMs: number
  readonly toMs: number
  readonly cause: string
}

/** Columns of equal length; timestampsMs ascending. */
export interface RangeAnswer {
  readonly level: number
  readonly stepMs: number
  readonly timestampsMs: readonly number[]
  readonly series: Readonly<Record<string, RangeSeries>>
  readonly gaps: readonly Gap[]
}

export const EMPTY_RANGE: RangeAnswer = { level: 0, stepMs: 1000, timestampsMs: [], series: {}, gaps: [] }
