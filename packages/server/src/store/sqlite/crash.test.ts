import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { SqliteWriter } from './sqlite-writer.ts'
import { readInbox, TempDir } from './test-inbox.ts'

/** Commits groups of batches for ever, out of order and overlapping, and prints each group after its commit. */
const COMMITTER = (base: string): string => `
import { SqliteWriter } from '${base}/sqlite-writer.ts'
import { packGroup } from '${base}/packed-group.ts'
import { batchOf } from '${base}/test-inbox.ts'
import { writeSync } from 'node:fs'
const writer = new SqliteWriter(process.argv[1])
const life = Number(process.argv[2])
writeSync(1, 'open\\n')
for (let i = 0; ; i++) {
  const lo = (i * 37) % 1000
  const batches = [batchOf(1, life, lo, lo + 40), batchOf(2, 7, i * 10, i * 10 + 14), batchOf(3, 1000 * life + i, 0, 0)]
  writer.commit(packGroup({ batches, samples: [] }))
  writeSync(1, batches.map(({ collectorNo, run, seq, count }) => [collectorNo, run, seq, count].join(':')).join(' ') + '\\n')
}
`

test('after kill -9 in the midst of commits all that was acknowledged is there once, and have is what is there', async () => {
  using dir = new TempDir()
  const base = new URL('.', import.meta.url).href.replace(/\/$/, '')
  const acknowledged = new Set<string>()
  for (let life = 1; life <= 4; life++) {
    const args = ['--input-type=module', '-e', COMMITTER(base), dir.path, String(life)]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let groups = 0
    for await (const line of createInterface({ input: child.stdout })) {
      if (line === 'open') continue
      // A line that the kill cut short was not read by anybody.
      for (const [, no, run, seq, count] of line.matchAll(/(\d+):(\d+):(\d+):(\d+)(?= |$)/g)) {
        for (let i = 0; i < Number(count); i++) acknowledged.add(`${no}:${run}:${Number(seq) + i}`)
      }
      if (++groups === 10 * life) child.kill('SIGKILL')
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    assert.equal(child.signalCode, 'SIGKILL')

    const writer = new SqliteWriter(dir.path)
    const stored = readInbox(dir.path)
    assert.equal(new Set(stored).size, stored.length, 'a tick is stored twice')
    const missing = [...acknowledged.difference(new Set(stored))]
    assert.deepEqual(missing, [])
    const had = [1, 2, 3].flatMap((no) =>
      writer
        .have(no)
        .flatMap(({ run, lo, hi }) => Array.from({ length: hi - lo + 1 }, (_, i) => `${no}:${run}:${lo + i}`)),
    )
    assert.deepEqual(had.toSorted(), stored.toSorted())
    writer.close()
  }
  assert.ok(acknowledged.size > 100)
})
