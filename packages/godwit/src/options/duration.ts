const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const DURATION = /^(\d{1,12}(?:\.\d{1,3})?)(ms|s|m|h|d)$/

/** Whole ms; undefined if `text` is no duration. A number without a unit is none: nobody should have to guess. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text)
  if (match === null) return undefined
  const durationMs = Number(match[1]) * (UNITS_MS[match[2] as string] as number)
  return Number.isSafeInteger(durationMs) ? durationMs : undefined
}
