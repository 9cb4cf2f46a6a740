import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { styleFor } from '../terminal/style.ts'
import type { CommandContext } from './command-context.ts'
import { runExport } from './export.ts'

const CSV_HEAD = 'run,seq,wall_ms\n'

class Gathered extends Writable {
  text = ''

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}

/** What `export` prints when a server answers with `ticks`. */
async function exported(format: 'csv' | 'ndjson', ticks: string): Promise<{ stdout: string; stderr: string }> {
  const server = createServer(({ url }, response) => {
    response.end(url === '/api/v1/collectors' ? '[{"id":"0192e4a1","name":"web-1"}]' : ticks)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const [stdout, stderr] = [new Gathered(), new Gathered()]
  const never = new AbortController().signal
  const context: CommandContext = {
    version: '0.0.0',
    env: {},
    clock: { wallMs: () => 0, monoMs: () => 0, setTimer: () => assert.fail('no timer') },
    log: () => {},
    stdout,
    stderr,
    style: styleFor({}, {}),
    installation: {
      command: '',
      collector: '',
      workers: { writer: new URL(import.meta.url), reader: new URL(import.meta.url) },
      webRoot: undefined,
    },
    stop: never,
    kill: never,
  }
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/collectors/0192e4a1`)
  try {
    await runExport({ data: undefined, url, collector: 'web-1', from: undefined, to: undefined, format }, context)
  } finally {
    server.close()
    server.closeAllConnections()
  }
  return { stdout: stdout.text, stderr: stderr.text }
}

test('a range without ticks is said on stderr, and stdout has what a parser wants', async () => {
  assert.deepEqual(await exported('ndjson', ''), { stdout: '', stderr: 'no ticks in this range\n' })
  assert.deepEqual(await exported('csv', CSV_HEAD), { stdout: CSV_HEAD, stderr: 'no ticks in this range\n' })
})

test('a range with a tick has nothing on stderr', async () => {
  assert.deepEqual(await exported('ndjson', '{}\n'), { stdout: '{}\n', stderr: '' })
  assert.deepEqual(await exported('csv', `${CSV_HEAD}1,2,3\n`), { stdout: `${CSV_HEAD}1,2,3\n`, stderr: '' })
})
