/** Every failure of the server that an operator can meet. The code is what callers, logs and counters name. */
export const SERVER_ERRORS = {
  PEER_NOT_ALLOWED: 'plain connections are not served from this address',
  CONNECTION_LIMIT: 'the limit of open connections is reached',
  RECEIVE_LIMIT: 'too many bytes wait for the rest of their frames',
  RECEIVE_TIMEOUT: 'a frame that began did not end in time',
  LISTEN_FAILED: 'the address cannot be listened on',
  DATA_UNWRITABLE: 'the data directory cannot be written to',
  DATA_IN_USE: 'another server uses the data directory',
  STORE_MISSING: 'there is no database',
  STORE_NOT_OURS: 'the database file is not one of Godwit',
  STORE_NEWER: 'the database was written by a newer version of Godwit',
  STORE_CORRUPT: 'the database is damaged',
  STORE_FULL: 'the disk of the database is full',
  STORE_BUSY: 'the database is locked or does not answer in time',
  STORE_FAILED: 'the database refused to do what it was asked',
  COLLECTOR_LIMIT: 'the limit of known collectors is reached',
  COLLECTOR_UNKNOWN: 'no collector has this id',
  SERIES_UNKNOWN: 'the collector has no such series',
  RANGE_INVALID: 'the range of time is not valid',
  QUERY_FAILED: 'a query failed because of a fault in the server',
} as const

export type ServerErrorCode = keyof typeof SERVER_ERRORS

/** For operators: `op` is what was tried, `path` on what, `hint` what to do. */
export class ServerError extends Error {
  readonly code: ServerErrorCode
  readonly op: string | undefined
  readonly path: string | undefined
  readonly hint: string | undefined

  constructor(
    code: ServerErrorCode,
    detail: { op?: string; path?: string; hint?: string; what?: string } = {},
    options?: ErrorOptions,
  ) {
    super(detail.what ?? SERVER_ERRORS[code], options)
    this.name = 'ServerError'
    this.code = code
    this.op = detail.op
    this.path = detail.path
    this.hint = detail.hint
  }
}

/** The same may work later: nothing is wrong with what was asked. */
export function isRetryable(error: unknown): boolean {
  return error instanceof ServerError && (error.code === 'STORE_BUSY' || error.code === 'STORE_FULL')
}
