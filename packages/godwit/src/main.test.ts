import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { COMMANDS } from './commands/command-table.ts'

const MAIN = join(import.meta.dirname, 'main.ts')

interface Ran {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

function godwit(args: readonly string[], env: Record<string, string> = {}): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env },
    timeout: 20_000,
  })
  return { exitCode: status, stdout, stderr }
}

/** Wrong use: code 2, nothing on stdout, one line that says what, one that says what to do, no stack. */
function assertRefused(ran: Ran, what: RegExp, hint: RegExp): void {
  assert.equal(ran.exitCode, 2, ran.stderr)
  assert.equal(ran.stdout, '')
  const [first = '', second = '', ...rest] = ran.stderr.split('\n')
  assert.match(first, what)
  assert.match(second, hint)
  assert.deepEqual(rest, [''])
}

test('--help lists every command, in at most 80 columns, without colours where no terminal is', () => {
  const { exitCode, stdout, stderr } = godwit(['--help'])
  assert.equal(exitCode, 0)
  assert.equal(stderr, '')
  for (const { name } of COMMANDS) assert.match(stdout, new RegExp(`^ {2}${name} `, 'm'))
  assert.ok(!stdout.includes('\u001b'))
  assert.ok(stdout.split('\n').every((line) => line.length <= 80))
})

test('help can be asked for in three ways, and the version in two', () => {
  const text = godwit(['server', '--help']).stdout
  assert.equal(godwit(['server', '-h']).stdout, text)
  assert.equal(godwit(['help', 'server']).stdout, text)
  assert.match(godwit(['--version']).stdout, /^\d+\.\d+\.\d+\n$/)
  assert.equal(godwit(['version']).stdout, godwit(['--version']).stdout)
})

test('no command, or an unknown one, is wrong use', () => {
  assertRefused(godwit([]), /which command\?/, /godwit up/)
  assertRefused(godwit(['sevrer']), /no command "sevrer"/, /did you mean `godwit server`\?/)
  assertRefused(godwit(['help', 'xyzzy']), /no command "xyzzy"/, /the commands are up, server/)
})

test('wrong flags, values, variables and keys are wrong use', () => {
  const dir = mkdtempSync(join(tmpdir(), 'godwit-main-'))
  const config = join(dir, 'godwit.toml')
  try {
    writeFileSync(config, 'data = "/d"\nallow_plain = "10.0.0.0/8"\n')
    assertRefused(godwit(['server', '--data=/d', '--htpp', 'x']), /no flag --htpp/, /did you mean --http\?/)
    assertRefused(godwit(['server', '--data=/d', '--wire=nonsense']), /--wire: cannot read "nonsense"/, /write it like/)
    assertRefused(godwit(['server'], { GODWIT_CONFIG: config }), /no key "allow_plain"/, /did you mean allow-plain\?/)
    assertRefused(
      godwit(['server', '--data=/d'], { GODWIT_HTTP: '70000' }),
      /GODWIT_HTTP: cannot read "70000"/,
      /write it like/,
    )
    assertRefused(godwit(['collect', '--state=/s']), /needs --server HOST:PORT/, /GODWIT_SERVER/)
    assertRefused(
      godwit(['collect', '--state=/s', '--server=a:1', '--interval=1']),
      /--interval: cannot read "1"/,
      /500ms, 10s/,
    )
  } finally {
    rmSync(dir, { recursive: true })
  }
})

test('a directory that is a file, and a range that ends before it begins, are wrong use', () => {
  for (const command of ['up', 'server']) {
    assertRefused(godwit([command, `--data=${MAIN}`]), /--data: .*main\.ts is a file/, /give the directory: .*src$/)
  }
  assertRefused(godwit(['export', '--collector=x', `--data=${MAIN}`]), /--data: .*main\.ts is a file/, /directory/)
  assertRefused(godwit(['collect', '--server=a:1', `--state=${MAIN}`]), /--state: .*main\.ts is a file/, /directory/)
  assertRefused(
    godwit(['export', '--collector=x', '--data=/d', '--from=2026-11-24', '--to=2026-11-23']),
    /--from \(2026-11-24T00:00:00\.000Z\) is later than --to/,
    /the earlier time to --from/,
  )
})

test('a terminal control character in what was typed is not printed back', () => {
  assert.ok(!godwit(['server', '--data=/d', '\u001b[31m']).stderr.includes('\u001b'))
})

test('collect becomes the collector: the same process, which ends at SIGTERM', async () => {
  const state = mkdtempSync(join(tmpdir(), 'godwit-collect-'))
  // Nothing listens on port 1: the collector samples and queues all the same.
  const child = spawn(process.execPath, [MAIN, 'collect', '--server=127.0.0.1:1', `--state=${state}`], {
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 20_000,
    killSignal: 'SIGKILL',
  })
  try {
    const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string]
    assert.match(line, /^\{"ready":true,"collector":"[0-9a-f-]{36}"\}\n$/)
    child.kill('SIGTERM')
    const [exitCode, signal] = (await once(child, 'exit')) as [number | null, string | null]
    assert.deepEqual({ exitCode, signal }, { exitCode: 0, signal: null })
  } finally {
    child.kill('SIGKILL')
    rmSync(state, { recursive: true, force: true })
  }
})
