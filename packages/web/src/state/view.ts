/** What of its time a collector's page shows: the last `rangeMs` and moving on, or a fixed span. Times are unix ms. */
export type View =
  | { readonly mode: 'live'; readonly rangeMs: number }
  | { readonly mode: 'fixed'; readonly fromMs: number; readonly toMs: number }

export interface RangeChoice {
  readonly name: string
  readonly label: string
  readonly rangeMs: number
}

const MINUTE_MS = 60_000

export const RANGES: readonly RangeChoice[] = [
  { name: '5m', label: '5 min', rangeMs: 5 * MINUTE_MS },
  { name: '15m', label: '15 min', rangeMs: 15 * MINUTE_MS },
  { name: '1h', label: '1 h', rangeMs: 60 * MINUTE_MS },
  { name: '6h', label: '6 h', rangeMs: 360 * MINUTE_MS },
  { name: '24h', label: '24 h', rangeMs: 1440 * MINUTE_MS },
]

export const DEFAULT_RANGE_MS: number = 5 * MINUTE_MS

/** Reads the query of an address: `?range=1h` or `?from=…&to=…`; what makes no sense is the default. */
export function viewOfQuery(query: string): View {
  const parameters = new URLSearchParams(query)
  const [fromMs, toMs] = [Number(parameters.get('from')), Number(parameters.get('to'))]
  if (fromMs > 0 && toMs > fromMs) return { mode: 'fixed', fromMs, toMs }
  const choice = RANGES.find(({ name }) => name === parameters.get('range'))
  return { mode: 'live', rangeMs: choice?.rangeMs ?? DEFAULT_RANGE_MS }
}

/** The inverse of viewOfQuery; empty for the default. */
export function queryOfView(view: View): string {
  if (view.mode === 'fixed') return `?from=${Math.round(view.fromMs)}&to=${Math.round(view.toMs)}`
  if (view.rangeMs === DEFAULT_RANGE_MS) return ''
  const choice = RANGES.find(({ rangeMs }) => rangeMs === view.rangeMs)
  return choice === undefined ? '' : `?range=${choice.name}`
}

/**
 * The span that a view shows. A live one ends at the newest tick while ticks come, so that the newest second stands at
 * the right edge whatever it took to arrive and whatever clock the collector has; else it ends now.
 */
export function spanOf(view: View, newestTickMs: number | null, nowMs: number): [fromMs: number, toMs: number] {
  if (view.mode === 'fixed') return [view.fromMs, view.toMs]
  const follows = newestTickMs !== null && nowMs - newestTickMs < FOLLOW_MS
  const toMs = follows ? newestTickMs : nowMs
  return [toMs - view.rangeMs, toMs]
}

const FOLLOW_MS = 12_000

/** `view` moved by so many of its own lengths; live with `liveRangeMs` once it reaches the present. */
export function shiftView(
  view: View,
  span: readonly [number, number],
  lengths: number,
  liveRangeMs: number,
  nowMs: number,
): View {
  const byMs = (span[1] - span[0]) * lengths
  const arrives = lengths > 0 && (view.mode === 'live' || span[1] + byMs >= nowMs)
  if (arrives) return { mode: 'live', rangeMs: liveRangeMs }
  return { mode: 'fixed', fromMs: span[0] + byMs, toMs: span[1] + byMs }
}
