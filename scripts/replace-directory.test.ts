import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { replaceDirectory } from './replace-directory.ts'

async function inTemporary(run: (parent: string, dist: string) => Promise<void>): Promise<void> {
  const parent = mkdtempSync(join(tmpdir(), 'godwit-replace-'))
  try {
    await run(parent, join(parent, 'dist'))
  } finally {
    rmSync(parent, { recursive: true })
  }
}

test('the old files are there until the new ones are whole, and then gone', () =>
  inTemporary(async (parent, dist) => {
    mkdirSync(dist)
    writeFileSync(join(dist, 'old.js'), 'old')
    await replaceDirectory(dist, async (newPath) => {
      writeFileSync(join(newPath, 'new.js'), 'new')
      await Promise.resolve()
      assert.deepEqual(readdirSync(dist), ['old.js'])
    })
    assert.deepEqual(readdirSync(dist), ['new.js'])
    assert.deepEqual(readdirSync(parent), ['dist'])
  }))

test('a directory that was not there is made', () =>
  inTemporary(async (parent, dist) => {
    await replaceDirectory(dist, (newPath) => Promise.resolve(writeFileSync(join(newPath, 'a'), '1')))
    assert.equal(readFileSync(join(dist, 'a'), 'utf8'), '1')
    assert.deepEqual(readdirSync(parent), ['dist'])
  }))

test('a build that fails leaves what was there, and nothing else', () =>
  inTemporary(async (parent, dist) => {
    mkdirSync(dist)
    writeFileSync(join(dist, 'old.js'), 'old')
    await assert.rejects(
      replaceDirectory(dist, () => Promise.reject(new Error('no'))),
      /no/,
    )
    assert.deepEqual(readdirSync(parent), ['dist'])
    assert.deepEqual(readdirSync(dist), ['old.js'])
  }))
