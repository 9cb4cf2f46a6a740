import type { AddressInfo } from 'node:net'
import fastifySwagger from '@fastify/swagger'
import fastifyWebsocket from '@fastify/websocket'
import Fastify, { type FastifyInstance } from 'fastify'
import { isRetryable } from '../errors.ts'
import { listenError } from '../listen-error.ts'
import type { LiveConnection } from '../live/live-subscriber.ts'
import { MAX_REQUEST_BYTES } from '../live/subscribe-request.ts'
import type { ApiContext } from './api-context.ts'
import { addCollectorsRoute } from './collectors-route.ts'
import { CompletenessCache } from './completeness-cache.ts'
import { addCompression } from './compression.ts'
import { addGapsRoute } from './gaps-route.ts'
import { addHealthRoute } from './health-route.ts'
import { isKnownHost } from './known-host.ts'
import { addLiveRoute } from './live-route.ts'
import { addMetricsRoute } from './metrics-route.ts'
import { addPageRoute } from './page-route.ts'
import { failureLine, problemOf, problemOfError, sendProblem } from './problem.ts'
import { addQueryRoute } from './query-route.ts'
import { refuseBytes } from './refuse-bytes.ts'
import type { RouteContext } from './route-context.ts'
import { isSameOrigin } from './same-origin.ts'
import { SECURITY_HEADERS } from './security-headers.ts'
import { addTasksRoute } from './tasks-route.ts'
import { addTicksRoute } from './ticks-route.ts'
import { UnsentAnswers } from './unsent-answers.ts'
import { WorkLimit } from './work-limit.ts'

export interface HttpServer {
  /** Returns the address of the page. Throws LISTEN_FAILED. */
  listen(address: { readonly host: string; readonly port: number }): Promise<string>
  /** Stops accepting, lets answers end for a short time, closes. */
  close(): Promise<void>
}

const MAX_CONNECTIONS = 4096
const MAX_BODY_BYTES = 16_384
/** A long list of series is part of the address. */
const MAX_HEADER_BYTES = 65_536
const RECEIVE_TIMEOUT_MS = 30_000
const CLOSE_GRACE_MS = 3000
/** Of a WebSocket. */
const INTERNAL_ERROR = 1011
const QUERY_BOUNDS = { maxRunning: 8, maxWaiting: 256 }

/** Builds the HTTP server with all its routes. It checks no login: where it listens decides who can ask. */
export async function createHttpServer(context: ApiContext): Promise<HttpServer> {
  const app = Fastify({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: RECEIVE_TIMEOUT_MS,
    http: { maxHeaderSize: MAX_HEADER_BYTES },
    // An unknown parameter is an error that names it, not something to drop in silence.
    ajv: { customOptions: { removeAdditional: false } },
    frameworkErrors: (error, request, reply) => {
      void sendProblem(reply, problemOfError(error, request))
    },
    clientErrorHandler: refuseBytes,
  })
  app.server.maxConnections = MAX_CONNECTIONS
  addErrorHandling(app, context)
  await addPlugins(app, context)
  const shared = withShared(context)
  addHooks(app, shared)
  await addRoutes(app, shared)
  await app.ready()
  return {
    listen: (address) => listen(app, address),
    close: () => close(app, shared),
  }
}

function withShared(context: ApiContext): RouteContext {
  const { queriesRunning: running, queriesWaiting: waiting } = context.metrics
  const work = new WorkLimit(QUERY_BOUNDS, { running, waiting })
  const { httpUnsentBytes: unsent, httpStalled: stalled } = context.metrics
  const answers = new UnsentAnswers(context.clock, { unsent, stalled })
  return { ...context, work, answers, completeness: new CompletenessCache({ ...context, work }) }
}

function addErrorHandling(app: FastifyInstance, context: ApiContext): void {
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOfError(error, request)
    // Whoever went away is no failure; what may work later is counted by its status, as many at once would fill the log.
    const isFailure = problem.status >= 500 && !isRetryable(error) && !request.signal.aborted
    if (isFailure) context.log('error', 'api', failureLine(request, error))
    return sendProblem(reply, problem)
  })
  app.setNotFoundHandler((request, reply) => {
    return sendProblem(reply, problemOf('ROUTE_UNKNOWN', `nothing answers ${request.method} at this address`))
  })
}

async function addPlugins(app: FastifyInstance, { metrics }: ApiContext): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Godwit', description: 'Each second of each machine', version: '1' },
    },
  })
  await app.register(fastifyWebsocket, {
    options: { maxPayload: MAX_REQUEST_BYTES },
    errorHandler: (_error, socket: LiveConnection) => {
      metrics.liveRefused.add('protocol')
      // Does nothing where the WebSocket has closed itself with the fitting code.
      socket.close(INTERNAL_ERROR, 'the server failed')
    },
  })
}

function addHooks(app: FastifyInstance, { metrics, allowedHosts, answers }: RouteContext): void {
  // A form on another site can send these types without asking: only JSON is left.
  app.removeContentTypeParser('text/plain')
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers(SECURITY_HEADERS)
    if (request.url.startsWith('/api/')) void reply.header('cache-control', 'no-store')
    if (!isKnownHost(request.headers.host, allowedHosts)) {
      return sendProblem(
        reply,
        problemOf('HOST_REFUSED', 'the server answers to its address, localhost, and what --allow-host names'),
      )
    }
    const changesState = request.method !== 'GET' && request.method !== 'HEAD'
    if (!changesState && !request.ws) return undefined
    return isSameOrigin(request.headers) ? undefined : sendProblem(reply, problemOf('ORIGIN_REFUSED'))
  })
  app.addHook('onResponse', async (request, reply) => {
    // A live stream lasts as long as its page is open.
    if (request.ws) return
    metrics.httpRequests.add(String(reply.statusCode))
    metrics.httpSeconds.observe(reply.elapsedTime / 1000)
  })
  addCompression(app)
  answers.addTo(app)
}

async function addRoutes(app: FastifyInstance, context: RouteContext): Promise<void> {
  addHealthRoute(app, context)
  addMetricsRoute(app, context)
  addCollectorsRoute(app, context)
  addQueryRoute(app, context)
  addTicksRoute(app, context)
  addGapsRoute(app, context)
  addTasksRoute(app, context)
  addLiveRoute(app, context)
  app.get('/api/v1/openapi.json', { schema: { hide: true } }, async () => app.swagger())
  if (context.webRoot !== undefined) await addPageRoute(app, context.webRoot)
}

async function listen(app: FastifyInstance, address: { host: string; port: number }): Promise<string> {
  try {
    await app.listen(address)
  } catch (cause) {
    throw listenError(cause as Error, 'http', address)
  }
  const bound = app.server.address() as AddressInfo
  return `http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`
}

async function close(app: FastifyInstance, { live, clock, answers }: RouteContext): Promise<void> {
  live.close()
  using _deadline = clock.setTimer(CLOSE_GRACE_MS, () => {
    app.server.closeAllConnections()
    for (const client of app.websocketServer.clients) client.terminate()
  })
  await app.close()
  answers[Symbol.dispose]()
}
