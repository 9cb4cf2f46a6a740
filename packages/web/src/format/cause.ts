/** Causes of the server's gap table that say more in other words; the rest are words already. */
const CAUSES: Readonly<Record<string, string>> = {
  lost: 'never arrived',
  damaged: 'damaged in the store',
}

/** The cause of a gap in words; one that this page does not know is shown as it is named. */
export function causeText(cause: string): string {
  return CAUSES[cause] ?? cause.replaceAll(/[-_]/g, ' ')
}
