import { readFileSync } from 'node:fs'

const MAX_CONNECTIONS = 20_000
/** File descriptors for everything else: HTTP, the database, the log. */
const RESERVED_FILES = 512
const MIN_CONNECTIONS = 64

/**
 * How many collectors may be connected at a time: over the process's limit of open files nothing could be accepted any more, not
 * even a request for /healthz. `limitsPath` is there on Linux alone; elsewhere 20,000.
 */
export function connectionLimit(limitsPath = '/proc/self/limits'): number {
  const softLimit = openFilesLimit(limitsPath)
  if (softLimit === undefined) return MAX_CONNECTIONS
  return Math.min(MAX_CONNECTIONS, Math.max(MIN_CONNECTIONS, softLimit - RESERVED_FILES))
}

/** Undefined where it is unlimited or not known. */
function openFilesLimit(limitsPath: string): number | undefined {
  try {
    const digits = /^Max open files\s+(\d+)/m.exec(readFileSync(limitsPath, 'latin1'))?.[1]
    return digits === undefined ? undefined : Number(digits)
  } catch {
    return undefined
  }
}
