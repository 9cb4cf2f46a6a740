import type { Series } from '@godwit/protocol'
import type { ReducedSeries } from './bucket-columns.ts'
import type { Gap } from './gap.ts'
import type { RangeAnswer } from './range-query.ts'

/** The JSON of the HTTP answer, UTF-8. NaN is null. */
export function encodeAnswer(answer: RangeAnswer): Uint8Array<ArrayBuffer> {
  const { level, stepMs, gaps, gapsTruncated, undecodable } = answer
  const series =
    answer.level === 0
      ? answer.columns.map((one) => field(one.series, { value: numbers(one.value) }))
      : answer.columns.map((one) =>
          field(one.series, {
            mean: numbers(roundedMean(one)),
            min: numbers(one.min),
            max: numbers(one.max),
          }),
        )
  const head = `"level":${level},"stepMs":${stepMs},"timestampsMs":${numbers(answer.timestampsMs)}`
  const tail = `"gaps":${JSON.stringify(gaps)},"gapsTruncated":${gapsTruncated},"undecodable":${undecodable}`
  return new TextEncoder().encode(`{${head},"series":{${series.join(',')}},${tail}}`)
}

export function encodeGaps(gaps: readonly Gap[]): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(gaps))
}

function field({ name, unit, kind }: Series, columns: Record<string, string>): string {
  const texts = Object.entries(columns).map(([key, text]) => `"${key}":${text}`)
  return `${JSON.stringify(name)}:{"unit":"${unit}","kind":"${kind}",${texts.join(',')}}`
}

/** What is no finite number becomes null. */
function numbers(column: Float64Array): string {
  return JSON.stringify(Array.from(column))
}

const FLOAT_DIGITS = 9

/**
 * A mean has as many digits as the division gives it; a hundredth of the resolution is more than a chart can show, in a
 * third of the text. A counter's is a total, and stays exact.
 */
function roundedMean({ series: { kind, resolution }, mean }: ReducedSeries): Float64Array {
  if (kind === 'counter') return mean
  if (resolution === null)
    return mean.map((value) => (Number.isFinite(value) ? Number(value.toPrecision(FLOAT_DIGITS)) : value))
  const perUnit = Math.max(1, Math.round(100 / resolution))
  return mean.map((value) => Math.round(value * perUnit) / perUnit)
}
