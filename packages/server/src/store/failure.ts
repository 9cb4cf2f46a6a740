import { ServerError, type ServerErrorCode } from '../errors.ts'

/** A ServerError as it crosses threads: classes do not. */
export interface Failure {
  readonly code: ServerErrorCode
  readonly message: string
  readonly op: string | undefined
  readonly path: string | undefined
  readonly hint: string | undefined
}

export function failureOf({ code, message, op, path, hint }: ServerError): Failure {
  return { code, message, op, path, hint }
}

export function errorOf({ code, message, op, path, hint }: Failure): ServerError {
  return new ServerError(code, { what: message, ...(op && { op }), ...(path && { path }), ...(hint && { hint }) })
}
