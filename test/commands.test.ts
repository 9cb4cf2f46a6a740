import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync } from 'node:fs'
import { describe, test } from 'node:test'
import { COMMAND, runGodwit, startCollector, startGodwit, startServer } from './godwit.ts'
import { isRunning } from './started-process.ts'
import { assertUnbroken, parseTicks, storedTicks } from './stored-ticks.ts'
import { TemporaryDirectory } from './temporary-directory.ts'
import { until } from './until.ts'

describe('the commands', { concurrency: 2 }, () => {
  test('up shows where its page is, and Ctrl-C ends both of its processes with all ticks stored', async () => {
    using dir = new TemporaryDirectory()
    await using up = startGodwit([
      'up',
      '--data',
      dir.at('data'),
      '--interval=200ms',
      '--wire=127.0.0.1:0',
      '--http=127.0.0.1:0',
    ])
    const http = await until('the start screen', () => /page +(http:\/\/127\.0\.0\.1:\d+)$/m.exec(up.stdout)?.[1])
    assert.match(
      up.stdout,
      /Godwit is up\n[^]*data +.*data\n[^]*collectors +connect to 127\.0\.0\.1:\d+; one runs here\n[^]*Ctrl-C/,
    )
    const page = await fetch(http)
    assert.match(await page.text(), /<title>.*Godwit/)
    const id = await until('a collector that is live', async () => {
      const collectors = (await (await fetch(`${http}/api/v1/collectors`)).json()) as { id: string; state: string }[]
      return collectors.find(({ state }) => state === 'live')?.id
    })
    const stored = await until('ticks', async () => {
      const ticks = await storedTicks(http, id)
      return ticks.length > 0 && { count: ticks.length, lastMs: ticks.at(-1)?.wallMs ?? 0 }
    })

    // Some are taken that nobody has sent: the next flush is up to ten seconds away.
    await until('more ticks in the queue', () => Date.now() > stored.lastMs + 1000)
    const children = up.descendants()
    assert.equal(children.length, 2)
    up.kill('SIGINT')
    assert.deepEqual(await up.exited, { code: 0, signal: null })
    assert.deepEqual(children.filter(isRunning), [])
    assert.match(up.stderr, /Stopping: the collector, then the server/)
    const { stdout } = await runGodwit(['export', '--data', dir.at('data'), '--collector', id])
    // The collector sends what it holds before it ends.
    assert.ok(parseTicks(stdout).length > stored.count)
    assertUnbroken(parseTicks(stdout), 200)
  })

  test('up that is killed takes its processes with it', async () => {
    using dir = new TemporaryDirectory()
    await using up = startGodwit(['up', '--data', dir.at('data'), '--wire=127.0.0.1:0', '--http=127.0.0.1:0'])
    await until('the start screen', () => up.stdout.includes('Ctrl-C'))
    const children = up.descendants()
    assert.equal(children.length, 2)
    await up.crash()
    await until('the end of both', () => !children.some(isRunning))
  })

  test('demo shows simulated machines with a past, and leaves nothing behind', async () => {
    using dir = new TemporaryDirectory()
    mkdirSync(dir.at('tmp'))
    const args = ['demo', '--collectors=3', '--hours=1', '--http=127.0.0.1:0']
    await using demo = startGodwit(args, { TMPDIR: dir.at('tmp') })
    const http = await until('the start screen', () => /page +(http:\/\/127\.0\.0\.1:\d+)$/m.exec(demo.stdout)?.[1])
    assert.match(demo.stdout, /Godwit demo\n[^]*3 simulated machines, 1 hour of history/)
    const collectors = await until('three collectors with their past', async () => {
      const listed = (await (await fetch(`${http}/api/v1/collectors`)).json()) as { id: string }[]
      if (listed.length < 3) return undefined
      const counts = await Promise.all(listed.map(async ({ id }) => (await pastHour(http, id)).length))
      // A simulated machine may have been off for a part of it.
      return counts.every((count) => count > 30) && listed
    })
    assert.equal(collectors.length, 3)
    assert.equal(readdirSync(dir.at('tmp')).length, 1)
    demo.kill('SIGINT')
    assert.deepEqual(await demo.exited, { code: 0, signal: null })
    assert.deepEqual(readdirSync(dir.at('tmp')), [])
  })

  test('export gives the same from the directory and from the server, and minds neither | head nor a range', async () => {
    using dir = new TemporaryDirectory()
    await using server = await startServer(dir.at('data'))
    const settings = {
      wirePort: server.wirePort,
      stateDir: dir.at('state'),
      intervalMs: 100,
      flushMs: 100,
      name: 'a pi',
    }
    await using collector = await startCollector(settings)
    const ticks = await until('ticks', async () => {
      const stored = await storedTicks(server.http, collector.id)
      return stored.length >= 15 && stored
    })
    await collector.process.stop()
    const ranges = [[], [`--from=${ticks[3]?.wallMs}`, `--to=${ticks[9]?.wallMs}`]]
    for (const format of ['ndjson', 'csv']) {
      for (const range of ranges) {
        const flags = ['--collector=a pi', `--format=${format}`, ...range]
        const fromFiles = await runGodwit(['export', '--data', dir.at('data'), ...flags])
        const fromServer = await runGodwit(['export', '--url', server.http, ...flags])
        assert.equal(fromFiles.stderr + fromServer.stderr, '')
        assert.equal(fromFiles.code, 0)
        assert.equal(fromFiles.stdout, fromServer.stdout)
        const lines = fromFiles.stdout.trimEnd().split('\n').length - (format === 'csv' ? 1 : 0)
        assert.ok(range.length === 0 ? lines >= ticks.length : lines === 7, `${lines} lines of ${format}`)
      }
    }
    const byPrefix = ['--collector', collector.id.slice(0, 8), '--format=csv']
    assert.deepEqual(await firstLine(['export', '--data', dir.at('data'), ...byPrefix]), {
      line: 'run,seq,wall_ms,corrected_ms',
      stderr: '',
      code: 0,
    })
  })

  test('help of the whole and of each command tells of its flags, and costs nothing', async () => {
    const whole = await runGodwit(['--help'])
    assert.equal(whole.code, 0)
    const names = Array.from(whole.stdout.matchAll(/^ {2}([a-z]+) {2,}\S/gm), ([, name = '']) => name)
    for (const name of ['up', 'server', 'collect', 'demo', 'export']) {
      assert.ok(names.includes(name), name)
      const help = await runGodwit([name, '--help'])
      assert.equal(help.code, 0)
      assert.equal(help.stderr, '')
      assert.match(
        help.stdout,
        new RegExp(`^godwit ${name}\n[^]*Usage\n {2}godwit ${name} [^]*Flags\n {2}--[^]*Examples\n`),
      )
      assert.ok(!help.stdout.includes('\u001b'), 'colours are for terminals')
    }
    const version = await runGodwit(['--version'])
    assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/)
  })
})

/** The minutes of the last hour of which something is stored. */
async function pastHour(http: string, id: string): Promise<readonly number[]> {
  const nowMs = Date.now()
  const answer = await fetch(`${http}/api/v1/collectors/${id}/query?from=${nowMs - 3_600_000}&to=${nowMs}&points=60`)
  if (!answer.ok) return []
  return ((await answer.json()) as { timestampsMs: number[] }).timestampsMs
}

/** What `godwit … | head -1` makes of it: the beginning of the line, and what godwit itself says. */
async function firstLine(args: readonly string[]): Promise<{ line: string; stderr: string; code: number | null }> {
  const script = '{ "$0" "$@"; echo $? >&3; } | head -n 1'
  const shell = spawn('sh', ['-c', script, process.execPath, COMMAND, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  const texts = ['', '', '', '']
  for (const [at, stream] of shell.stdio.entries()) {
    stream?.on('data', (chunk: Buffer) => {
      texts[at] += chunk.toString()
    })
  }
  await once(shell, 'close')
  return {
    line: texts[1]?.slice(0, 'run,seq,wall_ms,corrected_ms'.length) ?? '',
    stderr: texts[2] ?? '',
    code: Number(texts[3]),
  }
}
