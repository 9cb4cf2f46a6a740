import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printable } from './printable.ts'

test('a text that prints is left as it is', () => {
  assert.equal(printable('Neustart, 5 min – 中文 😀', 64), 'Neustart, 5 min – 中文 😀')
})

test('what a terminal would obey is replaced', () => {
  assert.equal(printable('a\x1b[2Jb\nc\u202ed\u0000', 64), 'a?[2Jb?c?d?')
})

test('a long text is clipped', () => {
  assert.equal(printable('k'.repeat(1024), 64), `${'k'.repeat(63)}…`)
  assert.equal(printable('k'.repeat(64), 64), 'k'.repeat(64))
  assert.equal(Array.from(printable('😀'.repeat(65), 64)).length, 64)
})
