import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deviceLabel } from './device-label.ts'

test('a name in UTF-8 is its text, and names in no encoding stay apart', () => {
  assert.equal(deviceLabel(Buffer.from('wlan-größe')), 'wlan-größe')
  assert.equal(deviceLabel(Buffer.from([0x65, 0xff])), 'e\u00ff')
  assert.equal(deviceLabel(Buffer.from([0x65, 0xfe])), 'e\u00fe')
  assert.equal(deviceLabel(Buffer.alloc(0)), '')
})
