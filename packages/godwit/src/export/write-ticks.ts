import type { Writable } from 'node:stream'

const LINE_FEED = 0x0a

/**
 * Writes pieces to `out` as fast as it takes them; `wrote` hears how many lines there were so far. Ends early, without an error, when
 * whoever reads has gone, or at `stop`.
 */
export async function writeTicks(
  pieces: AsyncIterable<Uint8Array>,
  out: Writable,
  stop: AbortSignal,
  wrote: (lines: number) => void,
): Promise<void> {
  let lines = 0
  for await (const piece of pieces) {
    if (!out.writable || stop.aborted) return
    lines += countLines(piece)
    if (!out.write(piece)) await roomIn(out)
    wrote(lines)
  }
}

/** Resolves when `out` wants more, or never will. */
async function roomIn(out: Writable): Promise<void> {
  using listeners = new DisposableStack()
  await new Promise<void>((resolve) => {
    for (const event of ['drain', 'close', 'error']) {
      const end = (): void => resolve()
      out.once(event, end)
      listeners.defer(() => void out.off(event, end))
    }
  })
}

function countLines(bytes: Uint8Array): number {
  let lines = 0
  for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) lines++
  return lines
}
