/**
 * UNREACHABLE: no answer, or none in time. REFUSED: the server answered with a status that is not 2xx.
 * MALFORMED: an answer that cannot be read.
 */
export type ApiErrorCode = 'UNREACHABLE' | 'REFUSED' | 'MALFORMED'

export class ApiError extends Error {
  readonly code: ApiErrorCode
  /** HTTP status; 0 where there was none. */
  readonly status: number

  constructor(code: ApiErrorCode, message: string, status = 0, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ApiError'
    this.code = code
    this.status = status
  }
}

/** Trying again later may help. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof ApiError && (error.code === 'UNREACHABLE' || error.status >= 500)
}

export function isMissing(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404
}
