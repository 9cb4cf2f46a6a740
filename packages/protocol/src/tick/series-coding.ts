import type { Series } from '../metric/series.ts'
import { COUNTER, FLOAT, GAUGE, type SeriesCoding } from './tick-format.ts'

/** What the encoder and the decoder keep of a schema; see SeriesCoding. */
export function seriesCodingOf(series: readonly Series[]): SeriesCoding {
  const fractional = (one: Series): boolean => one.resolution !== null && one.resolution < 1
  const kind = Uint8Array.from(series, (one) =>
    one.resolution === null ? FLOAT : one.kind === 'counter' ? COUNTER : GAUGE,
  )
  return {
    seriesCount: series.length,
    perUnit: Float64Array.from(series, (one) => (fractional(one) ? Math.round(1 / (one.resolution as number)) : 1)),
    resolution: Float64Array.from(series, (one) => (fractional(one) ? 1 : (one.resolution ?? 1))),
    kind,
    counters: Int32Array.from(series.keys().filter((i) => kind[i] === COUNTER)),
    hasFloats: kind.includes(FLOAT),
  }
}
