/** What a process of ours prints once it does its work: one line of JSON on stdout. */
export interface ReadyLine {
  /** The server: HOST:PORT where collectors connect. */
  readonly wire?: string
  /** The server: where the page is. */
  readonly http?: string
  /** The collector: its id. */
  readonly collector?: string
}

/** Undefined for a line that is something else. */
export function parseReadyLine(line: string): ReadyLine | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const value = JSON.parse(line) as ReadyLine & { ready?: unknown }
    return value.ready === true ? value : undefined
  } catch {
    return undefined
  }
}

export function formatReadyLine(ready: ReadyLine): string {
  return `${JSON.stringify({ ready: true, ...ready })}\n`
}
