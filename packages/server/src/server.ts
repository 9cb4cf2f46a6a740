import type { AddressInfo } from 'node:net'
import { DamageWatch } from './api/damage-watch.ts'
import { createHttpServer, type HttpServer } from './api/http-server.ts'
import type { Clock } from './clock.ts'
import { type CommitObserver, CommitQueue } from './commit/commit-queue.ts'
import { SERVER_ERRORS, ServerError, type ServerErrorCode } from './errors.ts'
import { Fleet } from './fleet/fleet.ts'
import { allowedPeers } from './listener/allowed-peers.ts'
import { type ListenerObserver, WireListener } from './listener/wire-listener.ts'
import { LiveHub } from './live/live-hub.ts'
import type { Log } from './log.ts'
import { createServerMetrics, type ServerMetrics } from './metrics/server-metrics.ts'
import { QueryService } from './query/query-service.ts'
import { SessionDirectory } from './session/session-directory.ts'
import { WATCHED_FLUSH_MS } from './session/v2-session.ts'
import { SqliteStore } from './store/sqlite/sqlite-store.ts'

export interface ServerSetup {
  readonly dataDir: string
  readonly wire: { readonly host: string; readonly port: number }
  readonly http: { readonly host: string; readonly port: number }
  /** CIDRs from which plain connections are served besides loopback. */
  readonly allowPlain: readonly string[]
  /** Host names, besides addresses and localhost, to which the page answers. */
  readonly allowHosts: readonly string[]
  /** The built page; undefined serves the API alone. */
  readonly webRoot: string | undefined
  readonly workers: { readonly writer: URL; readonly reader: URL }
  readonly clock: Clock
  readonly log: Log
}

export interface RunningServer {
  /** HOST:PORT as they are, where port 0 was asked. */
  readonly wireAddress: string
  readonly httpAddress: string
  /** Settles only if the server can't go on: with why. */
  readonly closed: Promise<ServerError>
  /** Stops accepting, commits what was received, closes. */
  close(): Promise<void>
}

/**
 * Starts a server: store, commit queue, live hub, listener and HTTP, in the order in which data flows. Rejects with DATA_UNWRITABLE,
 * DATA_IN_USE, STORE_NOT_OURS, STORE_NEWER, STORE_CORRUPT, LISTEN_FAILED; nothing is left open then.
 */
export async function startServer(setup: ServerSetup): Promise<RunningServer> {
  await using opened = new AsyncDisposableStack()
  const { dataDir, workers, clock, log } = setup
  const metrics = createServerMetrics()
  const store = opened.adopt(await SqliteStore.open(dataDir, workers.writer), (it) => it.close())
  const query = opened.adopt(new QueryService({ dataDir, workerUrl: workers.reader, clock }), (it) => it.close())
  const fleet = await rememberFleet(store, clock)
  const commitState: { problem: ServerErrorCode | null } = { problem: null }
  const commits = new CommitQueue(store, clock, observeCommits(metrics, commitState, log))
  const damage = new DamageWatch(log)
  const sessions = new SessionDirectory()
  const live = new LiveHub({
    fleet,
    clock,
    log,
    counters: metrics,
    tailOf: (no) => damage.over(query.tail(no)),
    schemasOf: (no) => damage.over(query.tailSchemas(no)),
  })
  live.onWatchedChange((no, watched) => {
    for (const session of sessions.of(no)) session.pace(watched ? WATCHED_FLUSH_MS : 0)
  })

  const listener = new WireListener({ store, commits, fleet, sessions, live, clock, log }, observeWire(metrics), {
    ...setup.wire,
    allowed: allowedPeers(setup.allowPlain),
  })
  opened.defer(() => commits.drain())
  const wire = await listener.listen()
  opened.defer(() => listener.close())
  const http = await createHttpServer({
    fleet,
    query: damage.overQuery(query),
    store,
    live,
    metrics,
    clock,
    log,
    webRoot: setup.webRoot,
    allowedHosts: setup.allowHosts.map((name) => name.toLowerCase()),
    commitQueueBytes: () => commits.waitingBytes,
    storeProblem: () => commitState.problem ?? damage.code,
    taskAdded: (no) => {
      for (const session of sessions.of(no)) session.taskAdded()
    },
  })
  const httpAddress = await listenHttp(http, setup.http)
  opened.defer(() => http.close())

  const resources = opened.move()
  void rememberLastTicks(fleet, query, () => resources.disposed, log)
  return {
    wireAddress: formatAddress(wire),
    httpAddress,
    closed: store.died,
    close: () => resources.disposeAsync(),
  }
}

/** Who was known before this start. */
async function rememberFleet(store: SqliteStore, clock: Clock): Promise<Fleet> {
  const fleet = new Fleet(clock)
  for (const record of await store.collectors()) fleet.add(record, null)
  fleet.order()
  return fleet
}

/** When each collector was heard of last. It takes a look at all that is stored, so nobody waits for it. */
async function rememberLastTicks(fleet: Fleet, query: QueryService, isClosed: () => boolean, log: Log): Promise<void> {
  try {
    const spans = await query.spans()
    for (const [no, { lastMs }] of spans) fleet.remember(no, lastMs)
  } catch (error) {
    if (!isClosed()) log('warn', 'query', `it is not known when collectors were last heard of: ${String(error)}`)
  }
}

function observeCommits(metrics: ServerMetrics, state: { problem: ServerErrorCode | null }, log: Log): CommitObserver {
  return {
    groupCommitted(summary) {
      metrics.commits.value++
      metrics.commitSeconds.observe(summary.durationMs / 1000)
      metrics.ticksCommitted.value += summary.ticks
      metrics.batchesCommitted.value += summary.batches - summary.duplicateBatches
      metrics.batchesDuplicate.value += summary.duplicateBatches
      metrics.samplesCommitted.value += summary.samples - summary.duplicateSamples
      metrics.samplesDuplicate.value += summary.duplicateSamples
      if (state.problem !== null) log('info', 'store', 'commits go on')
      state.problem = null
    },
    groupFailed(error) {
      const code = error instanceof ServerError ? error.code : 'STORE_FAILED'
      metrics.commitFailures.add(code)
      // Once a change: while a disk is full, commits fail many times a second.
      if (state.problem !== code)
        log('error', 'store', `${code}: ${error.message || SERVER_ERRORS[code]}${hintOf(error)}`)
      state.problem = code
    },
    // The session logs whose sample it was.
    sampleLost: (error) => metrics.samplesLost.add(error instanceof ServerError ? error.code : 'STORE_FAILED'),
    callbackFailed: (error) =>
      log('error', 'commit', `BUG: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
  }
}

function observeWire(metrics: ServerMetrics): ListenerObserver {
  return {
    connectionOpened: () => metrics.connections.value++,
    connectionClosed: () => metrics.connections.value--,
    connectionRejected: (reason) => metrics.connectionsRejected.add(reason),
  }
}

async function listenHttp(http: HttpServer, address: ServerSetup['http']): Promise<string> {
  try {
    const url = await http.listen(address)
    return url.slice('http://'.length)
  } catch (error) {
    await http.close()
    throw error
  }
}

function formatAddress({ address, family, port }: AddressInfo): string {
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`
}

function hintOf(error: Error): string {
  return error instanceof ServerError && error.hint !== undefined ? ` (${error.hint})` : ''
}
