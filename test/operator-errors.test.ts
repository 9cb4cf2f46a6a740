import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import { runGodwit, startServer } from './godwit.ts'
import { skipUnless } from './requirement.ts'
import { TemporaryDirectory } from './temporary-directory.ts'

const ANY_PORTS = ['--wire=127.0.0.1:0', '--http=127.0.0.1:0']

const dir = new TemporaryDirectory()
const occupant = createServer()
/** HOST:PORT */
let occupied = ''
before(async () => {
  occupant.listen(0, '127.0.0.1')
  await once(occupant, 'listening')
  occupied = `127.0.0.1:${(occupant.address() as AddressInfo).port}`
  // What a server leaves behind, for the tests to damage copies of.
  await using server = await startServer(dir.at('good'))
  await server.process.stop()
})
after(() => {
  occupant.close()
  dir[Symbol.dispose]()
})

// Each of them starts a few processes that end at once.
describe('an operator reads what is wrong and what to do', { concurrency: 2 }, () => {
  test('where a port is taken', async () => {
    for (const command of ['server', 'up']) {
      for (const flag of ['wire', 'http']) {
        const data = dir.at(`port-${command}-${flag}`)
        const flags = ['wire', 'http'].map((name) => `--${name}=${name === flag ? occupied : '127.0.0.1:0'}`)
        const stderr = await failsWith(1, [command, '--data', data, ...flags])
        assert.match(stderr, new RegExp(`cannot listen on ${occupied} \\(EADDRINUSE\\)\nhint: .*--${flag}`))
      }
    }
  })

  test('where the directory cannot be written to', async () => {
    writeFileSync(dir.at('file'), 'not a directory')
    for (const path of [dir.at('file', 'below'), '/proc/nope']) {
      for (const command of ['server', 'up']) {
        const stderr = await failsWith(1, [command, '--data', path, ...ANY_PORTS])
        assert.match(stderr, /the data directory cannot be written to: .* \(E[A-Z]+\)\nhint: .*--data/)
        assert.ok(stderr.includes(path))
      }
      const stderr = await failsWith(1, ['collect', '--server=127.0.0.1:9', '--state', path])
      assert.match(stderr, /the state directory cannot be written to: .* \(E[A-Z]+\)\nhint: .*--state/)
      assert.ok(stderr.includes(path))
    }
    assert.equal(readFileSync(dir.at('file'), 'utf8'), 'not a directory')
  })

  test('where the directory is mounted read-only', { skip: skipUnlessMount() }, async () => {
    const mount = dir.at('read-only')
    mkdirSync(mount)
    assert.equal(spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', mount]).status, 0)
    try {
      for (const command of ['server', 'up']) {
        const stderr = await failsWith(1, [command, '--data', mount, ...ANY_PORTS])
        assert.match(stderr, /the data directory cannot be written to: .*\nhint: /)
        assert.ok(stderr.includes(mount))
      }
      const stderr = await failsWith(1, ['server', '--data', join(mount, 'below'), ...ANY_PORTS])
      assert.match(stderr, /\(EROFS\)/)
      assert.match(
        await failsWith(1, ['collect', '--server=127.0.0.1:9', '--state', mount]),
        /\(EROFS\)\nhint: .*--state/,
      )
    } finally {
      spawnSync('umount', [mount])
    }
  })

  test('where a flag, a value or a command is wrong', async () => {
    for (const [args, words] of [
      [['upp'], /no command "upp"\nhint: did you mean `godwit up`\?/],
      [[], /which command\?\nhint: /],
      [['server', '--dat', 'x'], /no flag --dat\nhint: did you mean --data\?/],
      [['up', '--htpp', '127.0.0.1:0'], /no flag --htpp\nhint: did you mean --http\?/],
      [['server'], /--data.*\nhint: /],
      [['collect', '--state', dir.at('state')], /--server.*\nhint: /],
      [['collect', '--server=127.0.0.1:9', '--state', dir.at('state'), '--interval=soon'], /--interval.*\nhint: /],
      [['collect', '--server=127.0.0.1:90000', '--state', dir.at('state')], /--server.*\nhint: /],
      [['export', '--collector=x'], /--data.*\nhint: /],
      [['export', '--collector=x', '--data=a', '--url=http://127.0.0.1:9'], /exclude one another\nhint: /],
      [['export', '--collector=x', '--data=a', '--format=xml'], /--format.*\nhint: /],
    ] as const) {
      assert.match(await failsWith(2, args), words)
    }
  })

  test('where the database is damaged, newer, or of another program: and nothing is written to it', async () => {
    for (const [name, make, words] of [
      ['damaged', damage, /the database is damaged: .*godwit\.db.*\nhint: /],
      ['newer', makeNewer, /(newer version|version 99).*\nhint: /],
      ['foreign', makeForeign, /not one of Godwit: .*godwit\.db\nhint: /],
      ['noise', makeNoise, /not one of Godwit: .*godwit\.db.*\nhint: /],
    ] as const) {
      cpSync(dir.at('good'), dir.at(name), { recursive: true })
      make(dir.at(name, 'godwit.db'))
      const hash = hashOf(dir.at(name))
      for (const command of ['server', 'up']) {
        assert.match(await failsWith(1, [command, '--data', dir.at(name), ...ANY_PORTS]), words, name)
      }
      const stderr = await failsWith(1, ['export', '--data', dir.at(name), '--collector=x'])
      assert.match(stderr, words, name)
      assert.equal(hashOf(dir.at(name)), hash, name)
    }
  })

  test('where another server uses the directory, which goes on', async () => {
    await using first = await startServer(dir.at('shared'))
    for (const command of ['server', 'up']) {
      const stderr = await failsWith(1, [command, '--data', dir.at('shared'), ...ANY_PORTS])
      assert.match(stderr, /another server uses the data directory: .*shared\nhint: /)
    }
    assert.equal((await fetch(`${first.http}/readyz`)).status, 200)
  })

  test('where there is nothing to export', async () => {
    const missing = await failsWith(1, ['export', '--data', dir.at('nowhere'), '--collector=x'])
    assert.match(missing, /there is no database: .*nowhere.*\nhint: .*--data/)
    const unreachable = await failsWith(1, [
      'export',
      '--url',
      `http://${occupied.replace(/\d+$/, '1')}`,
      '--collector=x',
    ])
    assert.match(unreachable, /no server answers at .*\nhint: /)
    const unknown = await failsWith(1, ['export', '--data', dir.at('good'), '--collector=x'])
    assert.match(unknown, /no collector has the name or id "x"\nhint: /)
    assert.deepEqual(readdirSync(dir.path).includes('nowhere'), false)
  })

  test('where the identity of a collector is damaged: and it is not overwritten', async () => {
    mkdirSync(dir.at('identity'))
    writeFileSync(dir.at('identity', 'collector.json'), '{"id":"not one"}')
    const stderr = await failsWith(1, ['collect', '--server=127.0.0.1:9', '--state', dir.at('identity')])
    assert.match(stderr, /cannot be read: .*collector\.json.*\nhint: /)
    assert.equal(readFileSync(dir.at('identity', 'collector.json'), 'utf8'), '{"id":"not one"}')
  })
})

/** Asserts that the command ends with `code` and tells a line and a hint, not where in our code it happened. Returns what it told. */
async function failsWith(code: number, args: readonly string[]): Promise<string> {
  const ended = await runGodwit(args)
  const said = `godwit ${args.join(' ')} said: ${ended.stderr}`
  assert.equal(ended.code, code, said)
  assert.equal(ended.stdout, '', said)
  assert.match(ended.stderr, /^godwit[^\n]*: [^\n]+\nhint: [^\n]+\n$/, said)
  return ended.stderr
}

/** Writes noise over the inner pages, behind a head that still says whose file it is. */
function damage(database: string): void {
  const bytes = readFileSync(database)
  randomBytes(bytes.length - 8192).copy(bytes, 8192)
  writeFileSync(database, bytes)
}

function makeNewer(database: string): void {
  using opened = new DatabaseSync(database)
  opened.exec('PRAGMA user_version = 99')
}

function makeForeign(database: string): void {
  makeNoise(database)
  writeFileSync(database, '')
  using opened = new DatabaseSync(database)
  opened.exec('CREATE TABLE recipe (name TEXT); INSERT INTO recipe VALUES (1)')
}

function makeNoise(database: string): void {
  writeFileSync(database, randomBytes(100_000))
}

/** Of names and contents of all files but SQLite's own that are empty, which locking and reading leave. */
function hashOf(directory: string): string {
  const hash = createHash('sha256')
  for (const name of readdirSync(directory).toSorted()) {
    const path = join(directory, name)
    if (statSync(path).size > 0 && !name.endsWith('-shm')) hash.update(name).update(readFileSync(path))
  }
  return hash.digest('hex')
}

/** Root of a container may not mount either. */
function skipUnlessMount(): string | false {
  using probe = new TemporaryDirectory()
  const { path } = probe
  const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', path]).status === 0
  if (isMounted) spawnSync('umount', [path])
  return skipUnless(isMounted, 'the right to mount')
}
