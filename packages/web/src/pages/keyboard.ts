import type { Cancel } from '../clock.ts'

/** Calls `handle` with each key that is not typed into a field nor held with a modifier, until cancelled. */
export function onKey(handle: (key: string, event: KeyboardEvent) => void): Cancel {
  const listener = (event: KeyboardEvent): void => {
    const typing = event.target instanceof Element && event.target.closest('input, textarea, select, dialog') !== null
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return
    handle(event.key, event)
  }
  document.addEventListener('keydown', listener)
  return () => document.removeEventListener('keydown', listener)
}
