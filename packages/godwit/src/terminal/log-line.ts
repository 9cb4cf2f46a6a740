import { printable } from './printable.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Writes one line a call. `where` is the part of the program that speaks: one word. */
export type Log = (level: LogLevel, where: string, text: string) => void

/** `2026-11-23T12:00:00.000Z warn wire …`: one line whatever `text` holds, for it may come from a peer. */
export function formatLogLine(wallMs: number, level: LogLevel, where: string, text: string): string {
  return `${new Date(wallMs).toISOString()} ${level} ${where} ${printable(text)}\n`
}
