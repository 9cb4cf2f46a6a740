import { printable } from './printable.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Writes one line a call. `where` is the part of the program that speaks: one word. */
export type Log = (level: LogLevel, where: string, text: string) => void

/** `2026-11-23T12:00:00Z warn wire …`: one line whatever `text` holds, for it may come from a peer. */
export function formatLogLine(wallMs: number, level: LogLevel, where: string, text: string): string {
  const time = `${new Date(wallMs).toISOString().slice(0, 19)}Z`
  return `${time} ${level} ${where} ${printable(text)}\n`
}
