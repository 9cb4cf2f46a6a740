import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type RunningServer, startServer } from '@godwit/server'

const SOURCES = new URL('../packages/', import.meta.url)
const WORKERS = {
  writer: new URL('server/src/store/sqlite/writer-worker.ts', SOURCES),
  reader: new URL('server/src/query/reader-worker.ts', SOURCES),
}

const clock = {
  wallMs: () => Date.now(),
  monoMs: () => performance.now(),
  setTimer(delayMs: number, callback: () => void): Disposable {
    const timer = setTimeout(callback, delayMs).unref()
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}

function start(dataDir: string, port: number): Promise<RunningServer> {
  return startServer({
    dataDir,
    wire: { host: '127.0.0.1', port },
    http: { host: '127.0.0.1', port: 0 },
    allowPlain: [],
    allowHosts: [],
    webRoot: undefined,
    workers: WORKERS,
    clock,
    log: () => {},
  })
}

/** Starts a collector that samples ten times a second. Returns it when it samples, with its id. */
async function collect(port: number, stateDir: string): Promise<{ child: ChildProcess; id: string }> {
  const options = {
    server: { host: '127.0.0.1', port },
    stateDir,
    software: 'test',
    intervalMs: 100,
    flushMs: 200,
    queueBytes: 1 << 20,
    name: 'end to end',
    backoffCapMs: 300,
  }
  const main = new URL('collector/src/main.ts', SOURCES).pathname
  const child = spawn(process.execPath, [main, '--options', JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  for await (const line of createInterface({ input: child.stdout })) return { child, id: JSON.parse(line).collector }
  throw new Error('the collector ended before it sampled')
}

async function seqsOf(server: RunningServer, id: string): Promise<number[]> {
  const url = `http://${server.httpAddress}/api/v1/collectors/${id}/ticks?from=0&to=${Date.now() + 60_000}`
  const answer = await fetch(url)
  const text = await answer.text()
  return answer.ok
    ? text
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line).seq)
    : []
}

async function untilTicks(server: RunningServer, id: string, count: number): Promise<number[]> {
  for (;;) {
    const seqs = await seqsOf(server, id)
    if (seqs.length >= count) return seqs
    await pause(50)
  }
}

/** A port on which nothing listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

test('ticks that were taken while the server was away arrive once, in order, without a hole', {
  timeout: 30_000,
}, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'godwit-way-'))
  const port = await freePort()
  const { child, id } = await collect(port, join(dir, 'state'))
  let server: RunningServer | undefined
  try {
    await pause(1000)
    server = await start(join(dir, 'data'), port)
    await untilTicks(server, id, 15)
    child.kill('SIGTERM')
    await once(child, 'exit')
    const seqs = await seqsOf(server, id)
    assert.deepEqual(seqs, [...seqs.keys()])
  } finally {
    child.kill('SIGKILL')
    await server?.close()
    rmSync(dir, { recursive: true, force: true })
  }
})
