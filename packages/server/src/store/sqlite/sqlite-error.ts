import { ServerError, type ServerErrorCode } from '../../errors.ts'

/** SQLite's primary result codes (https://www.sqlite.org/rescode.html) that mean something to an operator. */
const CODES: Readonly<Record<number, { code: ServerErrorCode; hint: string }>> = {
  5: { code: 'STORE_BUSY', hint: 'another program holds the database; it is tried again' },
  6: { code: 'STORE_BUSY', hint: 'another program holds the database; it is tried again' },
  8: { code: 'DATA_UNWRITABLE', hint: 'make the database file writable for this user' },
  10: { code: 'STORE_FAILED', hint: 'look at the disk: the kernel reports errors in dmesg' },
  11: {
    code: 'STORE_CORRUPT',
    hint: 'restore a backup, or move the file away to begin anew; collectors refill what they hold',
  },
  13: { code: 'STORE_FULL', hint: 'free space on the disk; commits go on by themselves' },
  14: { code: 'DATA_UNWRITABLE', hint: 'make the data directory writable for this user' },
  26: { code: 'STORE_NOT_OURS', hint: 'give --data a directory of its own, or move this file away' },
}

/** What SQLite threw, as an error with a code and a hint. A ServerError stays what it is. */
export function storeErrorOf(error: unknown, op: string, path: string): ServerError {
  if (error instanceof ServerError) return error
  const known = CODES[primaryCode(error)]
  const what = error instanceof Error ? error.message : String(error)
  if (known === undefined) return new ServerError('STORE_FAILED', { op, path, what }, { cause: error })
  return new ServerError(known.code, { op, path, hint: known.hint }, { cause: error })
}

/** Thrown by node:sqlite, of whatever SQLite refused. */
export function isSqliteError(error: unknown): boolean {
  return primaryCode(error) !== -1
}

function primaryCode(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return -1
  // The upper bits of an extended code say more than is needed here.
  return typeof error.errcode === 'number' ? error.errcode & 0xff : -1
}
