/** Every failure of the collector that an operator can meet. The code is what callers and logs name. */
export const COLLECTOR_ERRORS = {
  OPTIONS_INVALID: 'the options cannot be read',
  STATE_UNWRITABLE: 'the state directory cannot be written to',
  STATE_INVALID: 'a file of the state directory cannot be read',
  SERIES_REPEATED: 'a sensor gives a series that is already there',
  SERVER_UNREACHABLE: 'the server cannot be reached',
  SERVER_SILENT: 'the server does not answer in time',
  SERVER_CLOSED: 'the server closed the connection',
  SERVER_PROTOCOL: 'what answers at this address does not speak the protocol',
  SERVER_BUSY: 'the server cannot commit now',
  SERVER_GOAWAY: 'the server asked to come back later',
} as const

export type CollectorErrorCode = keyof typeof COLLECTOR_ERRORS

/** For operators: `path` is what it is about, `hint` what to do. */
export class CollectorError extends Error {
  readonly code: CollectorErrorCode
  readonly path: string | undefined
  readonly hint: string | undefined

  constructor(
    code: CollectorErrorCode,
    detail: { what?: string; path?: string; hint?: string } = {},
    options?: ErrorOptions,
  ) {
    super(detail.what ?? COLLECTOR_ERRORS[code], options)
    this.name = 'CollectorError'
    this.code = code
    this.path = detail.path
    this.hint = detail.hint
  }
}
