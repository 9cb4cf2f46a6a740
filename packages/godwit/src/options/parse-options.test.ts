import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { COMMANDS } from '../commands/command-table.ts'
import { GodwitError, type GodwitErrorCode, isWrongUse } from '../errors.ts'
import { findCommand } from './find-command.ts'
import { parseOptions } from './parse-options.ts'

const server = findCommand('server')
const collect = findCommand('collect')

function withConfig(toml: string, run: (path: string) => void): void {
  const dir = mkdtempSync(join(tmpdir(), 'godwit-options-'))
  const path = join(dir, 'godwit.toml')
  try {
    writeFileSync(path, toml)
    run(path)
  } finally {
    rmSync(dir, { recursive: true })
  }
}

function refused(code: GodwitErrorCode, words: RegExp, run: () => unknown): void {
  assert.throws(run, (error: unknown) => {
    assert.ok(error instanceof GodwitError && isWrongUse(error), String(error))
    assert.equal(error.code, code)
    assert.match(`${error.message} / ${error.hint}`, words)
    return true
  })
}

test('defaults fill what nobody gave, in base units', () => {
  assert.deepEqual(parseOptions(collect, ['--server', 'a.lan:9004', '--state=/tmp/s'], {}), {
    server: { host: 'a.lan', port: 9004 },
    state: '/tmp/s',
    interval: 1000,
    flush: 10_000,
    'queue-size': 64 * 2 ** 20,
    name: undefined,
    config: undefined,
  })
})

test('a flag wins over its variable, a variable over the configuration file, the file over the default', () => {
  withConfig('http = "127.0.0.1:1"\nwire = "127.0.0.1:2"\ndata = "/from-file"\n', (path) => {
    const env = { GODWIT_CONFIG: path, GODWIT_HTTP: '127.0.0.1:11', GODWIT_WIRE: '127.0.0.1:12' }
    const options = parseOptions(server, ['--http', '127.0.0.1:21'], env)
    assert.notEqual(options, 'help')
    assert.deepEqual(options, {
      http: { host: '127.0.0.1', port: 21 },
      wire: { host: '127.0.0.1', port: 12 },
      data: '/from-file',
      'allow-plain': [],
      'allow-host': [],
      config: path,
    })
  })
})

test('the last of a repeated flag counts, but lists grow', () => {
  const args = ['--data=/a', '--data=/b', '--allow-plain', '10.0.0.0/8', '--allow-plain=fd00::/8,192.168.1.7']
  const options = parseOptions(server, args, {})
  assert.notEqual(options, 'help')
  assert.deepEqual(Object.entries(options).slice(0, 1), [['data', '/b']])
  assert.deepEqual((options as Record<string, unknown>)['allow-plain'], ['10.0.0.0/8', 'fd00::/8', '192.168.1.7'])
})

test('a list in a variable is separated by commas, in a file it is a list', () => {
  const env = { GODWIT_DATA: '/d', GODWIT_ALLOW_PLAIN: '10.0.0.0/8, 10.1.0.0/16' }
  assert.deepEqual((parseOptions(server, [], env) as Record<string, unknown>)['allow-plain'], [
    '10.0.0.0/8',
    '10.1.0.0/16',
  ])
  withConfig('data = "/d"\nallow-plain = ["10.0.0.0/8", "::1"]\n', (path) => {
    const options = parseOptions(server, ['--config', path], {})
    assert.deepEqual((options as Record<string, unknown>)['allow-plain'], ['10.0.0.0/8', '::1'])
  })
})

test('an empty variable is as good as none', () => {
  const options = parseOptions(collect, ['--server=a:1', '--state=s'], { GODWIT_NAME: '', GODWIT_INTERVAL: '' })
  assert.equal((options as Record<string, unknown>)['name'], undefined)
  assert.equal((options as Record<string, unknown>)['interval'], 1000)
})

test('--help wins over everything that is wrong beside it', () => {
  assert.equal(parseOptions(server, ['--wrong', '--help'], {}), 'help')
  assert.equal(parseOptions(server, ['-h'], {}), 'help')
})

test('an unknown flag names the nearest one', () => {
  refused('FLAG_UNKNOWN', /no flag --wrie .*did you mean --wire\?/, () =>
    parseOptions(server, ['--data=/d', '--wrie', 'x'], {}),
  )
  refused('FLAG_UNKNOWN', /did you mean --queue-size\?/, () => parseOptions(collect, ['--queue', '1MiB'], {}))
  refused('FLAG_UNKNOWN', /no flag --zzzzzzzzz \/ `godwit collect --help`/, () =>
    parseOptions(collect, ['--zzzzzzzzz'], {}),
  )
  refused('FLAG_UNKNOWN', /no flag -x/, () => parseOptions(collect, ['-x'], {}))
})

test('an unknown key names the nearest one', () => {
  withConfig('dta = "/d"\n', (path) => {
    refused('KEY_UNKNOWN', /"dta".*did you mean data\?/, () => parseOptions(server, ['--config', path], {}))
  })
  withConfig('[wire]\nport = 1\n', (path) => {
    refused('VALUE_INVALID', /wire in .* must be text/, () => parseOptions(server, ['--config', path], {}))
  })
})

test('a flag of another command is unknown, and so is the key of a file that names a file', () => {
  refused('FLAG_UNKNOWN', /--state/, () => parseOptions(server, ['--state', '/s'], {}))
  withConfig('config = "/other"\n', (path) => {
    refused('KEY_UNKNOWN', /"config"/, () => parseOptions(server, ['--config', path], {}))
  })
})

test('a value that cannot be read says where it stands and how to write it', () => {
  refused('VALUE_INVALID', /--wire: cannot read "9004".*\[::1\]:9004/, () =>
    parseOptions(server, ['--data=d', '--wire=9004'], {}),
  )
  refused('VALUE_INVALID', /GODWIT_HTTP: cannot read "x"/, () =>
    parseOptions(server, ['--data=d'], { GODWIT_HTTP: 'x' }),
  )
  refused('VALUE_INVALID', /--http: cannot read "localhost".*127\.0\.0\.1:9005/, () =>
    parseOptions(server, ['--data=d', '--http=localhost'], {}),
  )
  withConfig('data = "d"\nwire = "y"\n', (path) => {
    refused('VALUE_INVALID', /wire in .*godwit\.toml: cannot read "y"/, () =>
      parseOptions(server, ['--config', path], {}),
    )
  })
  refused('VALUE_INVALID', /cannot read ""/, () => parseOptions(server, ['--data='], {}))
})

test('a value out of its range says what the range is', () => {
  const args = ['--server=a:1', '--state=s']
  refused('VALUE_INVALID', /--interval: "1ms" is out of range.*at least 100ms/, () =>
    parseOptions(collect, [...args, '--interval=1ms'], {}),
  )
  refused('VALUE_INVALID', /at least 1MiB, at most 64GiB/, () =>
    parseOptions(collect, [...args, '--queue-size', '1KiB'], {}),
  )
  refused('VALUE_INVALID', /at most 500/, () => parseOptions(findCommand('demo'), ['--collectors', '501'], {}))
})

test('a flag without its value is named, also where the next flag follows', () => {
  refused('VALUE_MISSING', /--wire needs a value/, () => parseOptions(server, ['--wire'], {}))
  refused('VALUE_MISSING', /--wire needs a value/, () => parseOptions(server, ['--wire', '--data=/d'], {}))
})

test('a required flag that is missing is named with its variable', () => {
  refused('FLAG_REQUIRED', /needs --data DIR.*GODWIT_DATA/, () => parseOptions(server, [], {}))
})

test('an argument that is no flag is refused', () => {
  refused('ARGUMENT_UNEXPECTED', /"extra"/, () => parseOptions(server, ['--data=/d', 'extra'], {}))
  refused('ARGUMENT_UNEXPECTED', /"extra"/, () => parseOptions(server, ['--', 'extra'], {}))
})

test('a configuration file that is missing or is no TOML is named, with line and column', () => {
  refused('CONFIG_UNREADABLE', /no such file \/ --config and GODWIT_CONFIG take/, () =>
    parseOptions(server, ['--config=/does/not/exist.toml'], {}),
  )
  withConfig('data = "/d"\nwire = = 1\n', (path) => {
    refused('CONFIG_MALFORMED', /godwit\.toml:2:\d+: /, () => parseOptions(server, ['--config', path], {}))
  })
})

test('every flag has the variable and the key that its name says', () => {
  for (const command of COMMANDS) {
    for (const flag of command.flags) {
      assert.equal(flag.env, `GODWIT_${flag.name.toUpperCase().replaceAll('-', '_')}`)
      if ('configKey' in flag) assert.equal(flag.configKey, flag.name)
    }
  }
})

test('an unknown command names the nearest one, or all of them', () => {
  refused('COMMAND_UNKNOWN', /did you mean `godwit server`\?/, () => findCommand('sevrer'))
  refused('COMMAND_UNKNOWN', /the commands are up, server/, () => findCommand('frobnicate'))
})
