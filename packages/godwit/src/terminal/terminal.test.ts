import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { GodwitError } from '../errors.ts'
import { parseReadyLine } from '../supervise/ready-line.ts'
import { errorText } from './error-text.ts'
import { formatLogLine } from './log-line.ts'
import { Progress } from './progress.ts'
import { startScreen } from './start-screen.ts'
import { styleFor } from './style.ts'

const PLAIN = styleFor({}, {})

test('a log line is one line, whatever a peer put into it', () => {
  assert.equal(
    formatLogLine(
      Date.UTC(2026, 10, 23, 12, 0, 0, 7),
      'warn',
      'wire',
      'closed\r\n2026-11-23T12:00:01Z info \u001b[2Jfake\n',
    ),
    '2026-11-23T12:00:00.007Z warn wire closed 2026-11-23T12:00:01Z info  [2Jfake\n',
  )
})

test('an error of ours or of the system is a line and a hint; a mistake of ours shows where', () => {
  const refused = new GodwitError('FLAG_UNKNOWN', { what: 'no flag', hint: 'another' })
  assert.equal(errorText(refused, PLAIN), 'godwit: no flag\nhint: another\n')
  const system = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' })
  assert.equal(errorText(system, PLAIN), 'godwit: EACCES: permission denied\n')
  const unwritable = Object.assign(new Error('not writable', { cause: system }), {
    code: 'DATA_UNWRITABLE',
    path: '/x',
  })
  assert.equal(errorText(unwritable, PLAIN), 'godwit: not writable: /x (EACCES)\n')
  assert.match(errorText(new TypeError('x is not a function'), PLAIN), /mistake in godwit[^]*at /)
})

test('the start of a command shows its rows in columns', () => {
  assert.equal(
    startScreen(
      {
        title: 'Up',
        rows: [
          ['page', 'http://a:1'],
          ['collectors', 'two'],
        ],
        foot: 'Ctrl-C ends it.',
      },
      PLAIN,
    ),
    '\n  Up\n\n  page         http://a:1\n  collectors   two\n\n  Ctrl-C ends it.\n\n',
  )
})

test('a ready line is JSON that says so; all else is not', () => {
  assert.deepEqual(parseReadyLine('{"ready":true,"wire":"a:1"}'), { ready: true, wire: 'a:1' })
  for (const line of ['', 'ready', '{"ready":false}', '{"ready":', '[true]'])
    assert.equal(parseReadyLine(line), undefined)
})

test('progress is drawn now and then, and taken away', () => {
  let written = ''
  const out = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      written += chunk.toString()
      done()
    },
  })
  let nowMs = 0
  const clock = { wallMs: () => nowMs, monoMs: () => nowMs, setTimer: () => assert.fail('no timer') }
  const progress = new Progress(out, clock, true)
  for (; nowMs < 400; nowMs += 50) progress.draw(() => String(nowMs))
  progress.clear()
  assert.equal(written, '\r\u001b[K0\r\u001b[K200\r\u001b[K')
})
