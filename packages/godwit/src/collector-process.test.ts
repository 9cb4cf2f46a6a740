import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { COLLECTOR_NODE_FLAGS, collectorArguments } from './collector-process.ts'

test('this Node takes every flag of the collector', () => {
  const { status, stderr } = spawnSync(process.execPath, [...COLLECTOR_NODE_FLAGS, '--eval', '0'], { encoding: 'utf8' })
  assert.equal(stderr, '')
  assert.equal(status, 0)
})

test('the collector gets its options as one argument of JSON', () => {
  const options = {
    server: { host: '::1', port: 9004 },
    stateDir: '/s',
    software: 'godwit 0.0.0',
    intervalMs: 1000,
    flushMs: 10_000,
    queueBytes: 67_108_864,
    name: null,
  }
  const args = collectorArguments('/c.js', options)
  assert.deepEqual(args.slice(0, -3), COLLECTOR_NODE_FLAGS)
  assert.deepEqual(args.slice(-3, -1), ['/c.js', '--options'])
  assert.deepEqual(JSON.parse(args.at(-1) ?? ''), options)
})
