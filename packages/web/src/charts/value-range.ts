import type { DisplayUnit } from '../format/value.ts'

export interface RangeRule {
  readonly unit: DisplayUnit
  /** Fixed top in the unit of the data. */
  readonly top: number | undefined
  readonly softTop: number | undefined
  readonly mirrored: boolean
  readonly floating: boolean
}

const DECIMAL_TOPS = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10] as const
const BINARY_TOPS = [1, 1.25, 1.5, 1.75, 2] as const

/**
 * Bottom and top of a value axis for data between `min` and `max` (null without data). The top is a round number, so that
 * the axis stays where it is while values move from second to second.
 */
export function valueRange(rule: RangeRule, min: number | null, max: number | null): [number, number] {
  if (rule.top !== undefined && rule.top > 0) return [0, rule.top]
  const fallback = rule.softTop ?? 1
  if (rule.floating && min !== null && max !== null) return floatingRange(min, max)
  const top = roundTop(Math.max(max ?? 0, fallback) * 1.04, rule.unit)
  if (!rule.mirrored) return [0, top]
  return [-roundTop(Math.max(-(min ?? 0), fallback) * 1.04, rule.unit), top]
}

function floatingRange(min: number, max: number): [number, number] {
  // Ten units at least: half a degree of noise is not a mountain range.
  const padding = Math.max((max - min) * 0.15, (10 - (max - min)) / 2)
  return [Math.floor((min - padding) / 5) * 5, Math.ceil((max + padding) / 5) * 5]
}

function roundTop(value: number, unit: DisplayUnit): number {
  const binary = unit === 'bytes' || unit === 'bytes-per-s'
  const magnitude = binary ? 2 ** Math.floor(Math.log2(value)) : 10 ** Math.floor(Math.log10(value))
  const lead = (binary ? BINARY_TOPS : DECIMAL_TOPS).find((one) => one * magnitude >= value) ?? (binary ? 2 : 10)
  return lead * magnitude
}
