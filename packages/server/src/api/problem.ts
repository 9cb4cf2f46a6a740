import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { SERVER_ERRORS, ServerError, type ServerErrorCode } from '../errors.ts'

/** Problem details, RFC 9457; `code` is for programs, `detail` for people. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
}

/** What is wrong with a request before any stage behind the API saw it. */
export const API_ERRORS = {
  REQUEST_INVALID: 'the request does not have the form that the route asks for',
  ROUTE_UNKNOWN: 'there is nothing at this address',
  HOST_REFUSED: 'the request asks for a host name that this server was not told to answer to',
  ORIGIN_REFUSED: 'the request comes from a page of another site',
  UPGRADE_REQUIRED: 'this address speaks WebSocket',
  INTERNAL: 'the server failed',
} as const

export type ApiErrorCode = keyof typeof API_ERRORS

/** Others are the server's own failures: 500. */
const STATUS_OF: Partial<Record<ServerErrorCode | ApiErrorCode, number>> = {
  REQUEST_INVALID: 400,
  ROUTE_UNKNOWN: 404,
  HOST_REFUSED: 421,
  ORIGIN_REFUSED: 403,
  UPGRADE_REQUIRED: 426,
  COLLECTOR_UNKNOWN: 404,
  SERIES_UNKNOWN: 404,
  RANGE_INVALID: 400,
  STORE_BUSY: 503,
  STORE_FULL: 503,
}

const RETRY_AFTER_S = 2

/** For the `response` of a route's schema. */
export const PROBLEM_RESPONSES: Readonly<Record<'4xx' | '5xx', object>> = {
  '4xx': problemResponse('The request cannot be answered as it is'),
  '5xx': problemResponse('The server cannot answer now'),
}

function problemResponse(description: string): object {
  const properties = {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string' },
  }
  return { description, content: { 'application/problem+json': { schema: { type: 'object', properties } } } }
}

export function problemOf(
  code: ServerErrorCode | ApiErrorCode,
  detail?: string,
  status: number = STATUS_OF[code] ?? 500,
): Problem {
  const sentence = code in SERVER_ERRORS ? SERVER_ERRORS[code as ServerErrorCode] : API_ERRORS[code as ApiErrorCode]
  return {
    type: `urn:godwit:problem:${code.toLowerCase().replaceAll('_', '-')}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: detail ?? sentence,
    code,
  }
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.status === 503) void reply.header('retry-after', RETRY_AFTER_S)
  return reply
    .code(problem.status)
    .header('cache-control', 'no-store')
    .type('application/problem+json')
    .send(Buffer.from(JSON.stringify(problem)))
}

/**
 * The problem behind an error that a route threw. Of the server's own failures it tells the code alone: messages, paths and stacks
 * are for the operator.
 */
export function problemOfError(error: unknown, request: FastifyRequest): Problem {
  if (error instanceof ServerError) {
    const problem = problemOf(error.code)
    if (problem.status >= 500) return problem
    return { ...problem, detail: [error.message, error.hint].filter(Boolean).join('; ') }
  }
  const { validation, statusCode, message } = error as Partial<FastifyError>
  if (validation !== undefined) return problemOf('REQUEST_INVALID', validationDetail(error as FastifyError, request))
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return problemOf('REQUEST_INVALID', message, statusCode)
  }
  return problemOf('INTERNAL')
}

/** For the operator's log. The address is shown without what was asked, which can be long. */
export function failureLine(request: FastifyRequest, error: unknown): string {
  const [path] = request.url.split('?', 1)
  return `${request.method} ${path} failed: ${error instanceof ServerError ? operatorText(error) : stackOf(error)}`
}

function operatorText({ code, message, path, hint }: ServerError): string {
  const where = path === undefined ? '' : ` (${path})`
  return `${code}: ${message}${where}${hint === undefined ? '' : `; ${hint}`}`
}

/** On one line. An error that is none of ours is a defect: its place is what finds it. */
function stackOf(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return text.replaceAll(/\s*\n\s*/g, ' | ')
}

const PLACES: Readonly<Record<string, string>> = {
  querystring: 'query parameter',
  params: 'path parameter',
  body: 'body field',
  headers: 'header',
}

/** Which parameter is wrong, and what is allowed. */
function validationDetail(error: FastifyError, request: FastifyRequest): string {
  const context = error.validationContext ?? 'body'
  const place = PLACES[context] ?? context
  const [first] = error.validation ?? []
  if (first === undefined) return error.message
  const { additionalProperty, allowedValues } = first.params as {
    additionalProperty?: string
    allowedValues?: string[]
  }
  if (additionalProperty !== undefined) {
    return `${place} ${JSON.stringify(additionalProperty)} is not known; allowed: ${allowedNames(request, context)}`
  }
  const name = first.instancePath.slice(1)
  const rule = allowedValues === undefined ? first.message : `must be one of ${allowedValues.join(', ')}`
  return name === '' ? `${context} ${rule}` : `${place} ${name} ${rule}`
}

function allowedNames(request: FastifyRequest, context: string): string {
  const schemas = request.routeOptions.schema as Record<string, { properties?: object } | undefined> | undefined
  return Object.keys(schemas?.[context]?.properties ?? {}).join(', ')
}
