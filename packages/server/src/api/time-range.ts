import { LIMITS } from '@godwit/protocol'
import { ServerError } from '../errors.ts'
import type { TimeRange } from '../query/time-range.ts'

export interface RangeParameters {
  readonly from?: string
  readonly to?: string
}

const TIME = { type: 'string', minLength: 1, maxLength: 40 } as const

/** For the `querystring` of a route's schema. */
export const RANGE_PARAMETERS: Readonly<Record<'from' | 'to', object>> = {
  from: { ...TIME, description: 'Start, included: unix ms or RFC 3339; five minutes before `to` by default' },
  to: { ...TIME, description: 'End, included: unix ms or RFC 3339; now by default' },
}

const DEFAULT_RANGE_MS = 5 * 60 * 1000
const UNIX_MS = /^\d{1,15}$/
const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/

/** Reads `from` and `to`. Throws RANGE_INVALID. */
export function parseTimeRange({ from, to }: RangeParameters, nowMs: number): TimeRange {
  const toMs = to === undefined ? nowMs : parseTime('to', to)
  const fromMs = from === undefined ? Math.max(0, toMs - DEFAULT_RANGE_MS) : parseTime('from', from)
  if (fromMs <= toMs) return { fromMs, toMs }
  throw new ServerError('RANGE_INVALID', {
    what: `query parameter from must not be after to (${fromMs} and ${toMs} ms)`,
  })
}

function parseTime(name: string, text: string): number {
  const timeMs = timeOf(text)
  if (timeMs >= 0 && timeMs <= LIMITS.wallMs) return timeMs
  throw new ServerError('RANGE_INVALID', {
    what: `query parameter ${name} must be unix ms (1767322800000) or RFC 3339 (2026-01-02T03:00:00Z)`,
  })
}

function timeOf(text: string): number {
  if (UNIX_MS.test(text)) return Number(text)
  // The + of an offset becomes a space in an address where nobody escaped it.
  const unspaced = text.replace(/ (?=\d\d:\d\d$)/, '+')
  return RFC_3339.test(unspaced) ? Date.parse(unspaced) : Number.NaN
}
