import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { connectionLimit } from './connection-limit.ts'

test('connections leave 512 of the open files to others, and are never more than 20,000', () => {
  const dir = mkdtempSync(join(tmpdir(), 'godwit-limits-'))
  using _removed = { [Symbol.dispose]: () => rmSync(dir, { recursive: true }) }
  const path = join(dir, 'limits')
  const limitOf = (softLimit: string): number => {
    const head = 'Limit                     Soft Limit           Hard Limit           Units     \n'
    writeFileSync(
      path,
      `${head}Max processes 7 7 processes\nMax open files            ${softLimit}   9999999   files\n`,
    )
    return connectionLimit(path)
  }
  assert.deepEqual(['1024', '20000', '1048576', 'unlimited', '100'].map(limitOf), [512, 19_488, 20_000, 20_000, 64])
  assert.equal(connectionLimit(join(dir, 'none')), 20_000)
})
