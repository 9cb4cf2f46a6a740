import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { GodwitError } from '../errors.ts'
import { styleFor } from '../terminal/style.ts'
import { runServerUntilStop } from './run-server.ts'

test('a worker that was not built is named, with what to do, before the data directory is touched', async () => {
  const missing = join(import.meta.dirname, 'reader-worker.js')
  const never = new AbortController().signal
  const anyPort = { host: '127.0.0.1', port: 0 }
  const context = {
    version: '0.0.0',
    env: {},
    clock: { wallMs: () => 0, monoMs: () => 0, setTimer: () => assert.fail('no timer') },
    log: () => {},
    stdout: process.stdout,
    stderr: process.stderr,
    style: styleFor({}, {}),
    installation: {
      command: '',
      collector: '',
      workers: { writer: new URL(import.meta.url), reader: pathToFileURL(missing) },
      webRoot: undefined,
    },
    stop: never,
    kill: never,
  }
  const options = { dataDir: '/proc/nowhere', wire: anyPort, http: anyPort, allowPlain: [], allowHosts: [] }
  const running = runServerUntilStop(options, context, context.log, () => assert.fail('it runs'))
  await assert.rejects(running, (error: unknown) => {
    assert.ok(error instanceof GodwitError)
    assert.equal(error.code, 'BUILD_MISSING')
    assert.ok(error.message.includes(missing))
    assert.match(error.hint ?? '', /npm run build/)
    return true
  })
})
