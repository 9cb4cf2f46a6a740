import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { ServerError, type ServerErrorCode } from '../../errors.ts'
import { DATABASE_FILE, DATABASE_VERSION, LOCK_FILE } from './database-schema.ts'
import { openDatabase } from './open-database.ts'
import { packGroup } from './packed-group.ts'
import { SqliteWriter } from './sqlite-writer.ts'
import { batchOf, readInbox, TempDir } from './test-inbox.ts'

function hashOf(path: string): string {
  return hash('sha256', readFileSync(path))
}

/** A store with some ticks, closed in order. */
function makeStore(dataDir: string, commits = 20): void {
  const writer = new SqliteWriter(dataDir)
  for (let i = 0; i < commits; i++) {
    writer.commit(packGroup({ batches: [batchOf(1, 7 + i, 0, 99)], samples: [] }))
  }
  writer.close()
}

/** Refuses with `code` and a hint, and leaves every byte of the database as it was. */
function assertRefuses(dataDir: string, code: ServerErrorCode): void {
  const path = join(dataDir, DATABASE_FILE)
  const before = existsSync(path) ? hashOf(path) : ''
  assert.throws(
    () => openDatabase(dataDir),
    (error) => {
      assert.ok(error instanceof ServerError)
      assert.equal(error.code, code)
      assert.ok(error.hint !== undefined && error.path !== undefined && error.op !== undefined)
      return true
    },
  )
  assert.equal(existsSync(path) ? hashOf(path) : '', before)
}

test('a directory that does not exist is made, for its owner alone', () => {
  using dir = new TempDir()
  const dataDir = join(dir.path, 'a', 'b')
  makeStore(dataDir)
  assert.equal(readInbox(dataDir).length, 2000)
  makeStore(dataDir)
  assert.equal(readInbox(dataDir).length, 2000)
})

test('a path that is a file is refused', () => {
  using dir = new TempDir()
  const path = join(dir.path, 'file')
  writeFileSync(path, 'text')
  assertRefuses(path, 'DATA_UNWRITABLE')
  assertRefuses(join(path, 'below'), 'DATA_UNWRITABLE')
  assert.equal(readFileSync(path, 'utf8'), 'text')
})

test('a directory that cannot be written to is refused', (t: TestContext) => {
  using dir = new TempDir()
  makeStore(dir.path)
  try {
    execFileSync('mount', ['--bind', '-o', 'ro', dir.path, dir.path], { stdio: 'pipe' })
  } catch {
    t.skip('a read-only mount needs root')
    return
  }
  try {
    assertRefuses(dir.path, 'DATA_UNWRITABLE')
  } finally {
    execFileSync('umount', [dir.path])
  }
})

test('a file of garbage is refused', () => {
  using dir = new TempDir()
  writeFileSync(join(dir.path, DATABASE_FILE), "these are somebody else's notes, and no database at all\n".repeat(400))
  assertRefuses(dir.path, 'STORE_NOT_OURS')
})

test('a database of another program is refused, even an empty table of it', () => {
  using dir = new TempDir()
  {
    using other = new DatabaseSync(join(dir.path, DATABASE_FILE))
    other.exec('CREATE TABLE bookmark (url TEXT)')
  }
  assertRefuses(dir.path, 'STORE_NOT_OURS')
})

test('a database of a newer version is refused', () => {
  using dir = new TempDir()
  makeStore(dir.path)
  {
    using database = new DatabaseSync(join(dir.path, DATABASE_FILE))
    database.exec(`PRAGMA user_version = ${DATABASE_VERSION + 1}`)
  }
  assertRefuses(dir.path, 'STORE_NEWER')
})

test('a database that was cut short is refused, wherever it was cut', () => {
  for (const keep of [0.02, 0.2, 0.5, 0.9, 0.999]) {
    using dir = new TempDir()
    makeStore(dir.path)
    const path = join(dir.path, DATABASE_FILE)
    truncateSync(path, Math.floor(readFileSync(path).length * keep))
    assertRefuses(dir.path, 'STORE_CORRUPT')
  }
})

test('an empty file is made into a store', () => {
  using dir = new TempDir()
  writeFileSync(join(dir.path, DATABASE_FILE), '')
  makeStore(dir.path)
  assert.equal(readInbox(dir.path).length, 2000)
})

test('a first start that was killed before it made its tables is begun again', () => {
  using dir = new TempDir()
  {
    using database = new DatabaseSync(join(dir.path, DATABASE_FILE))
    database.exec('PRAGMA page_size = 8192; PRAGMA journal_mode = WAL')
  }
  makeStore(dir.path)
  assert.equal(readInbox(dir.path).length, 2000)
})

test('a directory that another server holds is refused, and taken when that one is killed', async () => {
  using dir = new TempDir()
  makeStore(dir.path)
  const module = new URL('open-database.ts', import.meta.url).href
  const code = `import { openDatabase } from '${module}'; globalThis.held = openDatabase(process.argv[1]); console.log('open'); setInterval(() => {}, 1000)`
  const holder = spawn(process.execPath, ['--input-type=module', '-e', code, dir.path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  using _killed = { [Symbol.dispose]: () => holder.kill('SIGKILL') }
  await once(holder.stdout, 'data')
  assertRefuses(dir.path, 'DATA_IN_USE')
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  makeStore(dir.path)
})

test('a directory that this process holds already is refused', () => {
  using dir = new TempDir()
  const writer = new SqliteWriter(dir.path)
  assertRefuses(dir.path, 'DATA_IN_USE')
  writer.commit(packGroup({ batches: [batchOf(1, 7, 0, 9)], samples: [] }))
  writer.close()
  makeStore(dir.path)
})

test('files that the lock or a killed server left behind do no harm', () => {
  using dir = new TempDir()
  makeStore(dir.path)
  for (const name of readdirSync(dir.path)) if (name !== DATABASE_FILE) rmSync(join(dir.path, name))
  writeFileSync(join(dir.path, LOCK_FILE), '')
  mkdirSync(join(dir.path, 'unknown'))
  makeStore(dir.path)
  assert.equal(readInbox(dir.path).length, 2000)
})
