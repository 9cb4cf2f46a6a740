import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, test } from 'node:test'
import {
  type CollectorProcess,
  runGodwit,
  type ServerProcess,
  startCollector,
  startServer,
  startServerAt,
} from './godwit.ts'
import { assertUnbroken, parseTicks, type StoredTick, storedTicks } from './stored-ticks.ts'
import { TemporaryDirectory } from './temporary-directory.ts'
import { until } from './until.ts'

const INTERVAL_MS = 200
const FLUSH_MS = 1000
/** Ticks that pile up while nobody takes them. */
const OUTAGE_TICKS = 12

// Waiting is most of the work here, so the stories are told side by side.
describe('every tick arrives once, with its own time', { concurrency: true }, () => {
  test('though the server was killed and came back later', async () => {
    using dir = new TemporaryDirectory()
    await using first = await startServer(dir.at('data'))
    // The command itself, with the backoff that people have.
    const settings = { wirePort: first.wirePort, stateDir: dir.at('state'), intervalMs: INTERVAL_MS, flushMs: FLUSH_MS }
    await using collector = await startCollector(settings)
    await untilStored(first, collector, 5)
    await first.process.crash()
    const killedMs = Date.now()
    await untilTicksPass(OUTAGE_TICKS)
    const backMs = Date.now()
    await using second = await startServer(dir.at('data'), first)
    const ticks = await untilStoredSince(second, collector, backMs)
    assertUnbroken(ticks, INTERVAL_MS)
    assertHoldsOutage(ticks, killedMs, backMs)

    await collector.process.stop()
    const exported = await runGodwit(['export', '--data', dir.at('data'), '--collector', 'tested'])
    assert.equal(exported.stderr, '')
    assertUnbroken(parseTicks(exported.stdout), INTERVAL_MS)
    assert.ok(parseTicks(exported.stdout).length >= ticks.length)
  })

  test('though the server was killed three times within seconds', async () => {
    using dir = new TemporaryDirectory()
    await using servers = new AsyncDisposableStack()
    let server = servers.use(await startServer(dir.at('data')))
    await using collector = await startHasty(server.wirePort, dir)
    for (let kills = 0; kills < 3; kills++) {
      const sinceMs = Date.now()
      await untilStoredSince(server, collector, sinceMs)
      await server.process.crash()
      server = servers.use(await startServer(dir.at('data'), server))
    }
    const ticks = await untilStoredSince(server, collector, Date.now())
    assertUnbroken(ticks, INTERVAL_MS)
  })

  test('though the server was killed in the middle of the backlog', async () => {
    using dir = new TemporaryDirectory()
    await using servers = new AsyncDisposableStack()
    let server = servers.use(await startServer(dir.at('data')))
    await using collector = await startHasty(server.wirePort, dir)
    await untilStored(server, collector, 3)
    await server.process.crash()
    await untilTicksPass(OUTAGE_TICKS)
    for (let kills = 0; kills < 3; kills++) {
      server = servers.use(await startServer(dir.at('data'), server))
      // The first connection after its start: what it brings is somewhere between the socket and the disk.
      await until('a connection', () => connectionsOf(server).then((open) => open > 0))
      await server.process.crash()
    }
    const backMs = Date.now()
    server = servers.use(await startServer(dir.at('data'), server))
    assertUnbroken(await untilStoredSince(server, collector, backMs), INTERVAL_MS)
  })

  test('though the server hung for a while', async () => {
    using dir = new TemporaryDirectory()
    await using server = await startServer(dir.at('data'))
    await using collector = await startHasty(server.wirePort, dir)
    await untilStored(server, collector, 5)
    server.process.kill('SIGSTOP')
    const hungMs = Date.now()
    await untilTicksPass(OUTAGE_TICKS)
    const backMs = Date.now()
    server.process.kill('SIGCONT')
    const ticks = await untilStoredSince(server, collector, backMs)
    assertUnbroken(ticks, INTERVAL_MS)
    assertHoldsOutage(ticks, hungMs, backMs)
    assert.equal(
      collector.process.stderr.match(/ uplink connected/g)?.length,
      1,
      'a short hang is no reason to hang up',
    )
  })

  test('though the server was not there when the collector started', async () => {
    using dir = new TemporaryDirectory()
    const wirePort = await freePort()
    const startMs = Date.now()
    await using collector = await startHasty(wirePort, dir)
    await until('its word that nobody listens', () => collector.process.stderr.includes('ticks are queued'))
    await untilTicksPass(OUTAGE_TICKS)
    const backMs = Date.now()
    await using server = await startServerAt(dir.at('data'), wirePort)
    const ticks = await untilStoredSince(server, collector, backMs)
    assertUnbroken(ticks, INTERVAL_MS)
    assertHoldsOutage(ticks, startMs + 1000, backMs)
  })

  test('though the collector was asked to stop with ticks that were not yet sent', async () => {
    using dir = new TemporaryDirectory()
    await using server = await startServer(dir.at('data'))
    const settings = {
      wirePort: server.wirePort,
      stateDir: dir.at('state'),
      intervalMs: INTERVAL_MS,
      flushMs: 3_600_000,
    }
    await using collector = await startCollector(settings)
    await untilStored(server, collector, 1)
    const sinceMs = Date.now()
    await untilTicksPass(OUTAGE_TICKS)
    const stopMs = Date.now()
    assert.equal((await collector.process.stop()).code, 0)
    const ticks = await storedTicks(server.http, collector.id)
    assertUnbroken(ticks, INTERVAL_MS)
    assertHoldsOutage(ticks, sinceMs, stopMs)
  })
})

/** A collector that tries again at once. */
async function startHasty(wirePort: number, dir: TemporaryDirectory): Promise<CollectorProcess> {
  const stateDir = dir.at('state')
  return startCollector({ wirePort, stateDir, intervalMs: INTERVAL_MS, flushMs: FLUSH_MS, backoffCapMs: 300 })
}

async function untilStored(server: ServerProcess, collector: CollectorProcess, count: number): Promise<StoredTick[]> {
  return until(`${count} ticks`, async () => {
    const ticks = await storedTicks(server.http, collector.id)
    return ticks.length >= count && ticks
  })
}

/** Until a tick is stored that was taken after `sinceMs`. */
async function untilStoredSince(
  server: ServerProcess,
  collector: CollectorProcess,
  sinceMs: number,
): Promise<StoredTick[]> {
  return until('ticks that are newer', async () => {
    const ticks = await storedTicks(server.http, collector.id)
    return (ticks.at(-1)?.wallMs ?? 0) > sinceMs && ticks
  })
}

/** Until the collector, of which nobody hears meanwhile, must have taken `count` ticks. */
async function untilTicksPass(count: number): Promise<void> {
  const endMs = Date.now() + count * INTERVAL_MS
  await until(`${count} intervals`, () => Date.now() >= endMs)
}

/** That ticks of the whole outage are there; a few may have been missed by a busy machine. */
function assertHoldsOutage(ticks: readonly StoredTick[], fromMs: number, toMs: number): void {
  const within = ticks.filter(({ wallMs }) => wallMs >= fromMs && wallMs <= toMs)
  assert.ok(within.length >= ((toMs - fromMs) / INTERVAL_MS) * 0.6, `${within.length} ticks of ${toMs - fromMs} ms`)
}

async function connectionsOf(server: ServerProcess): Promise<number> {
  const text = await (await fetch(`${server.http}/metrics`)).text()
  return Number(/^godwit_connections (\d+)$/m.exec(text)?.[1])
}

/** A port that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
