export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** One line: `area` is the stage that speaks, `message` a sentence without a line break. */
export type Log = (level: LogLevel, area: string, message: string) => void
