import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { SERVER_ERRORS, ServerError } from '../../errors.ts'
import { makeDirectory } from '../make-directory.ts'
import { APPLICATION_ID, CREATE_TABLES, DATABASE_FILE, DATABASE_VERSION, LOCK_FILE } from './database-schema.ts'
import { storeErrorOf } from './sqlite-error.ts'

/** The database of a data directory and the lock that keeps other servers out; both close together. */
export interface OpenDatabase {
  readonly database: DatabaseSync
  readonly path: string
  close(): void
}

/**
 * Opens the database of `dataDir` for writing and makes it where there is none. A file that is not ours, newer, or damaged is not
 * written to. Throws DATA_UNWRITABLE, DATA_IN_USE, STORE_NOT_OURS, STORE_NEWER, STORE_CORRUPT.
 */
export function openDatabase(dataDir: string): OpenDatabase {
  const path = join(dataDir, DATABASE_FILE)
  makeDataDirectory(dataDir)
  const lock = takeLock(dataDir)
  try {
    const isNew = sizeOf(path) === 0 || inspect(path) === 'empty'
    const database = prepare(path, isNew)
    const close = (): void => {
      database.close()
      lock.close()
    }
    return { database, path, close }
  } catch (error) {
    lock.close()
    throw storeErrorOf(error, 'open the database', path)
  }
}

function makeDataDirectory(dataDir: string): void {
  try {
    makeDirectory(dataDir)
  } catch (cause) {
    throw unwritable(dataDir, cause)
  }
}

/** SQLite's own file lock: the kernel frees it even at SIGKILL. */
function takeLock(dataDir: string): DatabaseSync {
  const path = join(dataDir, LOCK_FILE)
  let lock: DatabaseSync | undefined
  try {
    lock = new DatabaseSync(path, { timeout: 0 })
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    return lock
  } catch (cause) {
    lock?.close()
    const error = storeErrorOf(cause, 'lock the data directory', path)
    if (error.code === 'STORE_NOT_OURS') {
      const remove = 'remove this file if no server runs on the directory, or give another with --data'
      throw new ServerError('STORE_NOT_OURS', { op: 'lock the data directory', path, hint: remove }, { cause })
    }
    if (error.code !== 'STORE_BUSY') throw unwritable(dataDir, cause)
    const hint = 'stop the other server, or give this one another --data directory'
    throw new ServerError('DATA_IN_USE', { op: 'lock the data directory', path: dataDir, hint }, { cause })
  }
}

/** Looks at a file without changing a byte of it. 'empty': a first start was killed before the tables were made. */
function inspect(path: string): 'empty' | 'ours' {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const applicationId = pragma(database, 'application_id')
    const version = pragma(database, 'user_version')
    if (applicationId === 0 && version === 0 && !hasTables(database)) return 'empty'
    if (applicationId !== APPLICATION_ID) {
      const hint = 'give --data a directory of its own, or move this file away'
      throw new ServerError('STORE_NOT_OURS', { op: 'open the database', path, hint })
    }
    if (version > DATABASE_VERSION) {
      const what = `the database has version ${version}, this Godwit reads up to ${DATABASE_VERSION}`
      throw new ServerError('STORE_NEWER', {
        op: 'open the database',
        path,
        what,
        hint: 'install the newer Godwit again',
      })
    }
    // SQLite misses whole pages by itself, but not a part of the last one. With a log, that part is written again from it.
    if (statSync(path).size % pragma(database, 'page_size') !== 0 && sizeOf(`${path}-wal`) === 0) {
      const hint =
        'the file was cut short: restore a backup, or move it away to begin anew; collectors refill what they hold'
      throw new ServerError('STORE_CORRUPT', { op: 'open the database', path, hint })
    }
    // Walks to the last row of each table: a file cut short or overwritten does not get through this.
    for (const table of ['collector', 'inbox', 'have', 'task'])
      database.prepare(`SELECT max(rowid) FROM ${table}`).get()
    return 'ours'
  } finally {
    database.close()
  }
}

function prepare(path: string, isNew: boolean): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS })
  try {
    // Larger pages make the append cheaper: fewer are split, and a commit rewrites one unfinished page at most.
    if (isNew) database.exec(`PRAGMA page_size = ${PAGE_BYTES}`)
    database.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`,
    )
    if (isNew) {
      database.exec(
        `BEGIN; ${CREATE_TABLES} PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${DATABASE_VERSION}; COMMIT`,
      )
    }
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

const BUSY_TIMEOUT_MS = 1000
const PAGE_BYTES = 8192
const CHECKPOINT_PAGES = 4096

/** 0 for a file that is not there. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function hasTables(database: DatabaseSync): boolean {
  return database.prepare('SELECT 1 FROM sqlite_schema').get() !== undefined
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name])
}

function unwritable(dataDir: string, cause: unknown): ServerError {
  const hint = 'make the directory writable for this user, or give another with --data'
  // In the message, for a cause does not cross from the writer's thread.
  const what = `${SERVER_ERRORS.DATA_UNWRITABLE}: ${dataDir} (${reasonOf(cause)})`
  return new ServerError('DATA_UNWRITABLE', { op: 'use the data directory', path: dataDir, what, hint }, { cause })
}

/** The word of the operating system (EACCES, EROFS), or what SQLite says. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  return 'syscall' in cause && 'code' in cause ? String(cause.code) : cause.message
}
