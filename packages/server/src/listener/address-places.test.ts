import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AddressPlaces } from './address-places.ts'

test('an address has so many places, another has its own, and a place that is left can be taken again', () => {
  const places = new AddressPlaces(2)
  assert.deepEqual(
    ['10.0.0.1', '10.0.0.1', '10.0.0.1', '10.0.0.2'].map((address) => places.take(address)),
    [true, true, false, true],
  )
  places.leave('10.0.0.1')
  assert.deepEqual([places.take('10.0.0.1'), places.take('10.0.0.1')], [true, false])
})

test('loopback has no bound, in either family', () => {
  const places = new AddressPlaces(0)
  assert.ok(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'].every((address) => places.take(address)))
  assert.ok(!places.take('::ffff:10.0.0.1'))
})
