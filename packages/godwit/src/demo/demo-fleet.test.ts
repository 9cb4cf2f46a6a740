import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { createSchema, TickCursor, TickDecoder, TickEncoder } from '@godwit/protocol'
import { demoFleet } from './demo-fleet.ts'
import { MACHINE_ROLES } from './machine-role.ts'
import { Noise } from './noise.ts'
import { SimulatedMachine } from './simulated-machine.ts'
import { TickBatches } from './tick-batches.ts'

const NOW_S = 1_795_435_200
const FROM_S = NOW_S - 6 * 3600

test('the same seed makes the same fleet, another seed another one', () => {
  assert.deepEqual(demoFleet(12, 1, FROM_S, NOW_S), demoFleet(12, 1, FROM_S, NOW_S))
  assert.notDeepEqual(demoFleet(12, 1, FROM_S, NOW_S)[0]?.id, demoFleet(12, 2, FROM_S, NOW_S)[0]?.id)
})

test('no two collectors share an id, a name or a run', () => {
  const fleet = demoFleet(200, 1, FROM_S, NOW_S)
  assert.equal(new Set(fleet.map(({ id }) => id.toHex())).size, 200)
  assert.equal(new Set(fleet.map(({ name }) => name)).size, 200)
  const runs = fleet.flatMap((collector) => collector.runs.map(({ run }) => run))
  assert.equal(new Set(runs).size, runs.length)
  assert.ok(runs.every((run) => run >= 0 && run < 2 ** 48))
})

test('a fleet of twelve has one that is away, one with a gap, and one of version 1', () => {
  const fleet = demoFleet(12, 1, FROM_S, NOW_S)
  assert.equal(fleet.filter(({ isLive }) => !isLive).length, 1)
  assert.equal(fleet.filter(({ runs }) => runs.length === 2).length, 1)
  assert.equal(fleet.filter(({ protocol }) => protocol === 1).length, 1)
})

test('without a past every live collector still has the run that it goes on with', () => {
  for (const collector of demoFleet(12, 1, NOW_S, NOW_S)) {
    assert.ok(collector.runs.length > 0 || !collector.isLive)
    assert.ok(collector.runs.every(({ fromS, toS }) => fromS === toS))
  }
})

test('every role gives finite values in their ranges at every time of the day, and counters never fall', () => {
  for (const role of MACHINE_ROLES) {
    const machine = new SimulatedMachine(role, 7, FROM_S)
    let before: Float64Array | undefined
    for (let timeS = FROM_S; timeS < FROM_S + 86_400; timeS += 97) {
      const values = machine.step(timeS).slice()
      for (const [i, { name, unit, kind }] of machine.series.entries()) {
        const value = values[i] as number
        assert.ok(Number.isFinite(value) && value >= 0, `${role.name} ${name} ${value}`)
        if (unit === 'ratio') assert.ok(value <= 1, `${role.name} ${name} ${value}`)
        if (kind === 'counter' && before !== undefined)
          assert.ok(value >= (before[i] as number), `${role.name} ${name}`)
      }
      before = values
    }
  }
})

test('ticks that were gathered into batches decode to what the machine did, without a hole in seq', () => {
  const [role] = MACHINE_ROLES
  assert.ok(role !== undefined)
  const machine = new SimulatedMachine(role, 3, FROM_S)
  const schema = createSchema(machine.series, (bytes) => hash('sha256', bytes, 'buffer'))
  const batches = new TickBatches(new TickEncoder({ schema, run: 9, intervalMs: 1000 }), 0)
  const decoder = new TickDecoder((id) => (id === schema.id ? schema : undefined))
  let seq = 0
  for (let timeS = FROM_S; timeS < FROM_S + 1500; timeS++) {
    batches.add(timeS * 1000, machine.step(timeS))
    if (!batches.isFull && timeS < FROM_S + 1499) continue
    const batch = batches.take()
    assert.ok(batch !== undefined)
    assert.equal(batch.seq, seq)
    const cursor = new TickCursor(batch.ticks)
    for (let at = 0; at < batch.count; at++) {
      assert.ok(cursor.next())
      assert.ok(decoder.decode(batch.ticks, cursor.start, cursor.end, 9, seq))
      assert.equal(decoder.seq, seq)
      assert.equal(decoder.wallMs, (FROM_S + seq) * 1000)
      seq++
    }
  }
  assert.equal(seq, 1500)
  assert.equal(batches.take(), undefined)
})

test('noise is the same whenever it is asked, within 0..1, and smooth noise does not jump', () => {
  const noise = new Noise(5)
  for (let timeS = 0; timeS < 1000; timeS++) {
    const value = noise.smooth(1, timeS, 60)
    assert.equal(value, new Noise(5).smooth(1, timeS, 60))
    assert.ok(value >= 0 && value < 1)
    assert.ok(Math.abs(noise.smooth(1, timeS + 1, 60) - value) < 0.05)
  }
})
