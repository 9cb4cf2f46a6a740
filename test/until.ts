import { setTimeout as pause } from 'node:timers/promises'

const POLL_MS = 25

/** Waits until `condition` gives something other than undefined or false, and returns it. Throws, naming `what`, when that takes too long. */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  withinMs: number = 30_000,
): Promise<Exclude<T, undefined | false>> {
  const deadlineMs = performance.now() + withinMs
  for (;;) {
    const found = await condition()
    if (found !== undefined && found !== false) return found as Exclude<T, undefined | false>
    if (performance.now() > deadlineMs) throw new Error(`waited ${withinMs / 1000} s for this in vain: ${what}`)
    await pause(POLL_MS)
  }
}
