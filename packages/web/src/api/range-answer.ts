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

/** Ticks lo..hi of a run that will never come. */
export interface Gap {
  readonly run: string
  readonly lo: number
  readonly hi: number
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
