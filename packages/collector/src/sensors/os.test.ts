import assert from 'node:assert/strict'
import { test } from 'node:test'
import { valuesOf } from './fixture-root.ts'
import { type OsFacts, OsSensor } from './os.ts'

function factsWith(user: number, idle: number): OsFacts {
  const core = { model: '', speed: 0, times: { user, nice: 0, sys: 0, irq: 0, idle } }
  return {
    cpus: () => [core, core],
    totalmem: () => 1000,
    freemem: () => 400,
    loadavg: () => [1, 2, 3],
    uptime: () => 7.9,
  }
}

test('shares of the processors come with the second read', () => {
  const facts = { ...factsWith(100, 100) }
  using sensor = new OsSensor('darwin', facts)
  assert.equal(valuesOf(sensor, 0).cpu_used_ratio, null)
  facts.cpus = factsWith(125, 175).cpus
  assert.deepEqual(valuesOf(sensor, 1000), {
    cpu_used_ratio: 0.25,
    cpu_user_ratio: 0.25,
    cpu_system_ratio: 0,
    cpu_irq_ratio: 0,
    cpu_idle_ratio: 0.75,
    memory_total_bytes: 1000,
    memory_used_bytes: 600,
    memory_free_bytes: 400,
    uptime_seconds: 7,
    load1: 1,
    load5: 2,
    load15: 3,
  })
})

test('Windows has no load', () => {
  using sensor = new OsSensor('win32', factsWith(1, 1))
  assert.equal('load1' in valuesOf(sensor, 0), false)
})

test('the system that this runs on has numbers', () => {
  using sensor = new OsSensor('darwin')
  assert.ok((valuesOf(sensor, 0).memory_total_bytes as number) > 0)
})
