const RFC3339 = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/
const UNIX_MS = /^\d{1,15}$/

/** Unix ms of an RFC 3339 time, of a day (its first ms in UTC), or of a number that is unix ms already; else undefined. */
export function parseTime(text: string): number | undefined {
  if (UNIX_MS.test(text)) return Number(text)
  if (!RFC3339.test(text)) return undefined
  const timeMs = Date.parse(text.replace(' ', 'T'))
  return Number.isNaN(timeMs) ? undefined : timeMs
}
