import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatAddress, isLoopback, parseAddress } from './address.ts'
import { parseCidr } from './cidr.ts'
import { parseDuration } from './duration.ts'
import { editDistance, nearestName } from './nearest-name.ts'
import { parseSize } from './size.ts'
import { parseTime } from './time.ts'

test('durations have a unit and are whole milliseconds', () => {
  assert.equal(parseDuration('500ms'), 500)
  assert.equal(parseDuration('1s'), 1000)
  assert.equal(parseDuration('1.5s'), 1500)
  assert.equal(parseDuration('5m'), 300_000)
  assert.equal(parseDuration('1h'), 3_600_000)
  assert.equal(parseDuration('2d'), 172_800_000)
  for (const wrong of ['', '10', 's', '-1s', '1 s', '1sec', '1e3s', '0.5ms', '1s2', '９s', 'NaNs', '999999999999d']) {
    assert.equal(parseDuration(wrong), undefined, wrong)
  }
})

test('sizes have a unit, of 1024 or of 1000', () => {
  assert.equal(parseSize('64MiB'), 67_108_864)
  assert.equal(parseSize('64 MiB'), 67_108_864)
  assert.equal(parseSize('1GiB'), 2 ** 30)
  assert.equal(parseSize('0.5KiB'), 512)
  assert.equal(parseSize('10MB'), 1e7)
  assert.equal(parseSize('100B'), 100)
  for (const wrong of ['', '64', 'MiB', '64M', '64mib', '-1MiB', '1iB', '1KB', '1e3MiB', '99999999999TiB']) {
    assert.equal(parseSize(wrong), undefined, wrong)
  }
})

test('addresses are HOST:PORT, IPv6 in brackets, port 0 allowed', () => {
  assert.deepEqual(parseAddress('127.0.0.1:9004'), { host: '127.0.0.1', port: 9004 })
  assert.deepEqual(parseAddress('[::1]:9004'), { host: '::1', port: 9004 })
  assert.deepEqual(parseAddress('server.lan:0'), { host: 'server.lan', port: 0 })
  for (const wrong of [
    '',
    '9004',
    ':9004',
    'a',
    'a:',
    'a:65536',
    '::1:9004',
    '[::1]',
    '[a]:1',
    '[127.0.0.1]:1',
    '1.2.3:4',
    '256.0.0.1:1',
    'a b:1',
    'http://a:1',
    'a:1/',
    'a:-1',
  ]) {
    assert.equal(parseAddress(wrong), undefined, wrong)
  }
})

test('an address that is written is read again', () => {
  const host = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain())
  fc.assert(
    fc.property(host, fc.integer({ min: 0, max: 65_535 }), (name, port) => {
      assert.deepEqual(parseAddress(formatAddress({ host: name, port })), { host: name, port })
    }),
  )
})

test('only loopback addresses are loopback', () => {
  for (const host of ['127.0.0.1', '127.8.8.8', '::1', 'localhost'])
    assert.equal(isLoopback({ host, port: 1 }), true, host)
  for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.lan']) assert.equal(isLoopback({ host, port: 1 }), false, host)
})

test('networks have a prefix that fits their family, and one address is a network too', () => {
  for (const right of ['10.0.0.0/8', '10.0.0.7', 'fd00::/8', '::1', '0.0.0.0/0']) assert.equal(parseCidr(right), right)
  for (const wrong of ['', '10.0.0.0/33', 'fd00::/129', 'lan', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/-1']) {
    assert.equal(parseCidr(wrong), undefined, wrong)
  }
})

test('times are RFC 3339, a day in UTC, or unix ms', () => {
  const noonMs = Date.UTC(2026, 10, 23, 12)
  assert.equal(parseTime('2026-11-23T12:00:00Z'), noonMs)
  assert.equal(parseTime('2026-11-23 12:00Z'), noonMs)
  assert.equal(parseTime('2026-11-23T13:00:00.5+01:00'), noonMs + 500)
  assert.equal(parseTime('2026-11-23'), noonMs - 12 * 3_600_000)
  assert.equal(parseTime(String(noonMs)), noonMs)
  for (const wrong of ['', 'yesterday', '2026-13-01', '2026-11-23T12:00:00', '23.11.2026', '-5', '12:00']) {
    assert.equal(parseTime(wrong), undefined, wrong)
  }
})

test('the distance of two words counts insertions, deletions, replacements and swaps', () => {
  assert.equal(editDistance('wire', 'wire'), 0)
  assert.equal(editDistance('wrie', 'wire'), 1)
  assert.equal(editDistance('wir', 'wire'), 1)
  assert.equal(editDistance('', 'abc'), 3)
  assert.equal(editDistance('kitten', 'sitting'), 3)
  fc.assert(
    fc.property(
      fc.string({ maxLength: 12 }),
      fc.string({ maxLength: 12 }),
      (a, b) => editDistance(a, b) === editDistance(b, a),
    ),
  )
})

test('the nearest name is found, and a far one is not taken for what was meant', () => {
  assert.deepEqual(nearestName('sever', ['up', 'server', 'collect']), { name: 'server', isLikely: true })
  assert.equal(nearestName('frobnicate', ['up', 'server', 'collect'])?.isLikely, false)
  assert.equal(nearestName('x', ['up', 'wire'])?.isLikely, false)
  assert.equal(nearestName('hrt', ['http'])?.isLikely, true)
  assert.equal(nearestName('x', []), undefined)
})
