import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSameOrigin } from './same-origin.ts'

test('a page of this server and a program without a page are let through', () => {
  for (const headers of [
    { host: 'godwit.example:9005' },
    { host: 'godwit.example:9005', origin: 'http://godwit.example:9005', 'sec-fetch-site': 'same-origin' },
    { host: 'GODWIT.example', origin: 'https://godwit.example' },
    { host: '[::1]:9005', origin: 'http://[::1]:9005' },
  ]) {
    assert.ok(isSameOrigin(headers), JSON.stringify(headers))
  }
})

test('a page of another host, port or no origin that can be told is refused', () => {
  for (const headers of [
    { host: '127.0.0.1:9005', origin: 'http://127.0.0.1:3000' },
    { host: '127.0.0.1:9005', origin: 'http://evil.example' },
    { host: '127.0.0.1:9005', origin: 'null' },
    { host: '127.0.0.1:9005', 'sec-fetch-site': 'cross-site' },
    { origin: 'http://127.0.0.1:9005' },
  ]) {
    assert.ok(!isSameOrigin(headers), JSON.stringify(headers))
  }
})
