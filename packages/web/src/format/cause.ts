/** What the server's gap table calls its causes, as people say it. */
const CAUSES: Readonly<Record<string, string>> = {
  off: 'device off',
  'device-off': 'device off',
  stopped: 'collector stopped',
  'collector-stopped': 'collector stopped',
  evicted: 'queue was full',
  'queue-full': 'queue was full',
  power: 'lost with the power',
  'power-lost': 'lost with the power',
  damaged: 'damaged on disk',
  late: 'tick came too late',
  missed: 'no tick taken',
  clock: 'clock was set',
}

/** The cause of a gap in words; one that this page does not know is shown as it is named. */
export function causeText(cause: string): string {
  return CAUSES[cause] ?? cause.replaceAll(/[-_]/g, ' ')
}
