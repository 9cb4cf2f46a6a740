const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** A tick is on its way for up to two seconds (flush, commit, push): that is still now. */
const NOW_MS = 3500

/** How long ago a tick was taken: "now", "12 s ago", "3 min ago", "2 h ago", "4 d ago"; "never" for null. */
export function formatAgo(timestampMs: number | null, nowMs: number): string {
  if (timestampMs === null) return 'never'
  const ageMs = nowMs - timestampMs
  if (ageMs < NOW_MS) return 'now'
  if (ageMs < MINUTE_MS) return `${Math.floor(ageMs / SECOND_MS)} s ago`
  if (ageMs < HOUR_MS) return `${Math.floor(ageMs / MINUTE_MS)} min ago`
  if (ageMs < 2 * DAY_MS) return `${Math.floor(ageMs / HOUR_MS)} h ago`
  return `${Math.floor(ageMs / DAY_MS)} d ago`
}

/** The two largest parts: "52 s", "3 min 12 s", "5 h 2 min", "11 d 4 h". */
export function formatDuration(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / SECOND_MS))
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ]
  const first = parts.findIndex(([count]) => count > 0)
  if (first === -1) return '0 s'
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ')
}

/** Local time of day: "12:03:10". */
export function formatClock(timestampMs: number): string {
  return `${formatMinute(timestampMs)}:${two(new Date(timestampMs).getSeconds())}`
}

/** Local date and time: "23 Nov 12:03:10". */
export function formatDateTime(timestampMs: number): string {
  return `${formatDate(timestampMs)} ${formatClock(timestampMs)}`
}

/** From and to with the date once, and not at all when both are of today. */
export function formatSpan(fromMs: number, toMs: number, nowMs: number): string {
  if (dayOf(fromMs) === dayOf(nowMs) && dayOf(toMs) === dayOf(nowMs))
    return `${formatClock(fromMs)} – ${formatClock(toMs)}`
  if (dayOf(fromMs) === dayOf(toMs)) return `${formatDateTime(fromMs)} – ${formatClock(toMs)}`
  return `${formatDateTime(fromMs)} – ${formatDateTime(toMs)}`
}

/** Labels of a time axis whose ticks lie `incrementMs` apart: seconds only where they tell ticks apart, the date at midnight. */
export function formatTimeAxis(timestampsMs: readonly number[], incrementMs: number): string[] {
  return timestampsMs.map((timestampMs) => {
    const date = new Date(timestampMs)
    if (incrementMs >= DAY_MS || date.getHours() + date.getMinutes() + date.getSeconds() === 0)
      return formatDate(timestampMs)
    return incrementMs < MINUTE_MS ? formatClock(timestampMs) : formatMinute(timestampMs)
  })
}

/** Whole multiples of `incrementMs` in local time within [fromMs, toMs], so that ticks stand at round times of day. */
export function timeTicks(fromMs: number, toMs: number, incrementMs: number): number[] {
  const offsetMs = new Date(fromMs).getTimezoneOffset() * MINUTE_MS
  const ticks: number[] = []
  for (
    let tick = Math.ceil((fromMs - offsetMs) / incrementMs) * incrementMs + offsetMs;
    tick <= toMs;
    tick += incrementMs
  )
    ticks.push(tick)
  return ticks
}

function formatMinute(timestampMs: number): string {
  const date = new Date(timestampMs)
  return `${two(date.getHours())}:${two(date.getMinutes())}`
}

function formatDate(timestampMs: number): string {
  const date = new Date(timestampMs)
  return `${date.getDate()} ${date.toLocaleString('en', { month: 'short' })}`
}

function dayOf(timestampMs: number): string {
  return new Date(timestampMs).toDateString()
}

function two(count: number): string {
  return String(count).padStart(2, '0')
}
