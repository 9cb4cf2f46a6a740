import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatCollectorId, formatRun, parseCollectorId } from './collector-id.ts'

const TEXT = '16d24c11-3a58-441c-9488-dd0dada32270'

test('an id is the text of a UUID, lower case', () => {
  const bytes = Uint8Array.fromHex(TEXT.replaceAll('-', ''))
  assert.equal(formatCollectorId(bytes), TEXT)
  assert.deepEqual(parseCollectorId(TEXT), bytes)
  assert.deepEqual(parseCollectorId(TEXT.toUpperCase()), bytes)
})

test('text that is no UUID is refused', () => {
  for (const text of [
    '',
    TEXT.slice(1),
    `${TEXT}0`,
    `${TEXT}\n`,
    TEXT.replaceAll('-', ''),
    TEXT.replace('a', 'g'),
    '../../etc',
  ]) {
    assert.throws(() => parseCollectorId(text), { code: 'MESSAGE_MALFORMED' }, text)
  }
})

test('a run is 12 hex digits', () => {
  assert.deepEqual([0, 2 ** 48 - 1].map(formatRun), ['000000000000', 'ffffffffffff'])
})
