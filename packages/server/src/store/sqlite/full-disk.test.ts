import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ServerError } from '../../errors.ts'
import type { CommitOutcome, StoredBatch } from '../store.ts'
import { packGroup, unpackResult } from './packed-group.ts'
import { SqliteWriter } from './sqlite-writer.ts'
import { batchOf, readInbox, TempDir } from './test-inbox.ts'

/** A file system of 4 MiB; undefined where this user may not mount one. */
function mountSmallDisk(): (Disposable & { path: string }) | undefined {
  const dir = new TempDir()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'none', dir.path], { stdio: 'pipe' })
  } catch {
    dir[Symbol.dispose]()
    return undefined
  }
  return {
    path: dir.path,
    [Symbol.dispose]() {
      execFileSync('umount', [dir.path])
      dir[Symbol.dispose]()
    },
  }
}

function commit(writer: SqliteWriter, ...batches: StoredBatch[]): readonly CommitOutcome[] {
  return unpackResult(writer.commit(packGroup({ batches, samples: [] }))).batches
}

test('a full disk refuses the commit with STORE_FULL, changes nothing, and commits go on when there is room', (t) => {
  using disk = mountSmallDisk()
  if (disk === undefined) {
    t.skip('mounting a small tmpfs needs root')
    return
  }
  const writer = new SqliteWriter(disk.path)
  commit(writer, batchOf(1, 7, 0, 9))
  const filler = join(disk.path, 'filler')
  const { bavail, bsize } = statfsSync(disk.path)
  writeFileSync(filler, new Uint8Array(bavail * bsize - 65_536))
  const large = batchOf(1, 7, 10, 20_000)
  for (let i = 0; i < 3; i++) {
    assert.throws(
      () => commit(writer, batchOf(1, 7, 8, 12), large),
      (error) => error instanceof ServerError && error.code === 'STORE_FULL',
    )
    assert.deepEqual(writer.have(1), [{ run: 7, lo: 0, hi: 9 }])
    assert.equal(readInbox(disk.path).length, 10)
  }
  rmSync(filler)
  assert.deepEqual(commit(writer, batchOf(1, 7, 8, 12), large), ['stored', 'stored'])
  assert.equal(readInbox(disk.path).length, 20_001)
  writer.close()
})
