export type LogLevel = 'info' | 'warn' | 'error'

/** Writes one line a call. `where` is the part of the program that speaks: one word. */
export type Log = (level: LogLevel, where: string, text: string) => void

/** `2026-11-23T12:00:00Z warn wire …`: one line whatever `text` holds, for it may come from a peer. */
export function formatLogLine(wallMs: number, level: LogLevel, where: string, text: string): string {
  const time = `${new Date(wallMs).toISOString().slice(0, 19)}Z`
  // oxlint-disable-next-line no-control-regex -- control characters are what is to be taken out
  const oneLine = text.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim()
  return `${time} ${level} ${where} ${oneLine}\n`
}
