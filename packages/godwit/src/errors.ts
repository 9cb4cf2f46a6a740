/** Every failure of the command itself that a person can meet. Codes are never reused. */
export const GODWIT_ERRORS = {
  COMMAND_UNKNOWN: 'there is no such command',
  FLAG_UNKNOWN: 'there is no such flag',
  FLAG_REQUIRED: 'a flag that the command needs is missing',
  VALUE_MISSING: 'the flag needs a value',
  VALUE_INVALID: 'the value cannot be read, or is out of range',
  ARGUMENT_UNEXPECTED: 'the command takes flags alone',
  FLAGS_EXCLUDE: 'the flags cannot be used together',
  CONFIG_UNREADABLE: 'the configuration file cannot be read',
  CONFIG_MALFORMED: 'the configuration file is not valid TOML',
  KEY_UNKNOWN: 'the configuration file has a key that the command does not know',
  BUILD_MISSING: 'a file of the installation is missing',
  START_FAILED: 'a process that belongs to the command did not start',
  START_REFUSED: 'a process that belongs to the command did not start, and said why',
  SERVER_UNREACHABLE: 'the server does not answer',
  SERVER_REFUSED: 'the server answered with an error',
  SERVER_FOREIGN: 'what answers is not a Godwit server',
  INTERRUPTED: 'the command was stopped before it was done',
  COLLECTOR_NOT_FOUND: 'no collector has this name or id',
  COLLECTOR_AMBIGUOUS: 'more than one collector has this name or begins with this id',
} as const

export type GodwitErrorCode = keyof typeof GODWIT_ERRORS

const WRONG_USE: ReadonlySet<GodwitErrorCode> = new Set([
  'COMMAND_UNKNOWN',
  'FLAG_UNKNOWN',
  'FLAG_REQUIRED',
  'VALUE_MISSING',
  'VALUE_INVALID',
  'ARGUMENT_UNEXPECTED',
  'FLAGS_EXCLUDE',
  'CONFIG_UNREADABLE',
  'CONFIG_MALFORMED',
  'KEY_UNKNOWN',
])

/** For people: the message is one line that says what is wrong, `hint` what to do about it. */
export class GodwitError extends Error {
  readonly code: GodwitErrorCode
  readonly hint: string | undefined

  constructor(
    code: GodwitErrorCode,
    detail: { what?: string; hint?: string | undefined } = {},
    options?: ErrorOptions,
  ) {
    super(detail.what ?? GODWIT_ERRORS[code], options)
    this.name = 'GodwitError'
    this.code = code
    this.hint = detail.hint
  }
}

/** The command was called in a way that can never work: exit code 2 instead of 1. */
export function isWrongUse(error: unknown): boolean {
  return error instanceof GodwitError && WRONG_USE.has(error.code)
}

/** A process that belongs to the command has told people already, on the same stderr. */
export function isSaidAlready(error: unknown): boolean {
  return error instanceof GodwitError && error.code === 'START_REFUSED'
}
