import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isKnownHost } from './known-host.ts'

test('addresses, localhost and the names that were allowed are known', () => {
  for (const host of [
    undefined,
    '127.0.0.1:9005',
    '[::1]:9005',
    '192.168.1.7',
    'localhost:9005',
    'LOCALHOST',
    'a.localhost',
    'godwit.lan:9005',
  ]) {
    assert.ok(isKnownHost(host, ['godwit.lan']), String(host))
  }
})

test('a name that anybody may point here is not known', () => {
  for (const host of [
    'evil.example',
    'godwit.lan.evil.example',
    '127.0.0.1.evil.example:9005',
    'localhost.evil.example',
    '',
  ]) {
    assert.ok(!isKnownHost(host, ['godwit.lan']), String(host))
  }
})
