import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSchema, seriesOf, TickEncoder } from '@godwit/protocol'
import type { Clock } from '../clock.ts'
import { LiveSocket } from './live-socket.ts'

const UUID = '0198f3a2-1b2c-7d3e-8f40-5a6b7c8d9e0f'
const SCHEMA = createSchema([seriesOf('load1')], (bytes) => new Uint8Array(32).fill(bytes.length))

/** Stands still; what was scheduled runs when the test says so. */
class HandClock implements Clock {
  due: (() => void)[] = []

  nowMs(): number {
    return 1000
  }

  after(_delayMs: number, run: () => void): () => void {
    this.due.push(run)
    return () => {
      this.due = this.due.filter((other) => other !== run)
    }
  }

  every(): () => void {
    return () => {}
  }

  nextFrame(run: () => void): () => void {
    return this.after(0, run)
  }

  runDue(): void {
    for (const run of this.due.splice(0)) run()
  }
}

/** The half of a WebSocket that a test plays. */
class Wire {
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: (() => void) | null = null
  binaryType = ''
  readonly sent: string[] = []

  send(text: string): void {
    this.sent.push(text)
  }

  close(): void {
    this.onclose?.()
  }
}

function connected(): { clock: HandClock; live: LiveSocket; wires: Wire[] } {
  const clock = new HandClock()
  const wires: Wire[] = []
  const open = (): WebSocket => {
    const wire = new Wire()
    wires.push(wire)
    return wire as unknown as WebSocket
  }
  const live = new LiveSocket(clock, open, () => {})
  live.connect()
  wires[0]?.onopen?.()
  return { clock, live, wires }
}

function schemaText(): string {
  return JSON.stringify({ schema: { collector: UUID, id: SCHEMA.id, series: SCHEMA.series } })
}

function tickMessages(values: readonly number[]): ArrayBuffer[] {
  const encoder = new TickEncoder({ schema: SCHEMA, run: 7, intervalMs: 1000 })
  return values.map((value, seq) => {
    const head = { seq, wallMs: 5000 + seq * 1000, monoMs: seq * 1000, missed: 0 }
    const { bytes } = encoder.encode(head, Float64Array.of(value))
    const uuid = Uint8Array.fromHex(UUID.replaceAll('-', ''))
    return Uint8Array.from([...uuid, 0, 0, 0, 0, 0, 7, seq, 1, bytes.length, ...bytes]).buffer
  })
}

function collectInto(values: number[]): Parameters<LiveSocket['watch']>[1] {
  return { onTick: (tick) => values.push(tick.values[0] as number), onLate: () => values.push(Number.NaN) }
}

test('ticks reach who watches their collector, each once', () => {
  const { clock, live, wires } = connected()
  const seen: number[] = []
  live.watch(UUID, collectInto(seen))
  clock.runDue()
  assert.deepEqual(JSON.parse(wires[0]?.sent.at(-1) ?? ''), { subscribe: [UUID] })
  wires[0]?.onmessage?.({ data: schemaText() })
  const [first, second] = tickMessages([1.5, 2.25])
  for (const data of [first, second]) wires[0]?.onmessage?.({ data })
  assert.deepEqual(seen, [1.5, 2.25])
})

test('ticks from before the newest one are told as late', () => {
  const { live, wires } = connected()
  const seen: number[] = []
  live.watch(UUID, collectInto(seen))
  wires[0]?.onmessage?.({ data: schemaText() })
  const [first, second] = tickMessages([1, 2])
  for (const data of [first, second, first]) wires[0]?.onmessage?.({ data })
  assert.deepEqual(seen, [1, 2, Number.NaN])
})

test('one page that follows another goes on decoding without a new schema or key tick', () => {
  const { live, wires } = connected()
  const [first, second] = tickMessages([1, 2])
  const stop = live.watch(UUID, collectInto([]))
  wires[0]?.onmessage?.({ data: schemaText() })
  wires[0]?.onmessage?.({ data: first })
  stop()
  const seen: number[] = []
  live.watch(UUID, collectInto(seen))
  wires[0]?.onmessage?.({ data: second })
  assert.deepEqual(seen, [2])
})

test('after a lost connection it connects again, subscribes again and counts an epoch', () => {
  const { clock, live, wires } = connected()
  live.watch(UUID, collectInto([]))
  clock.runDue()
  wires[0]?.close()
  assert.deepEqual(live.connection.value, { status: 'lost', sinceMs: 1000 })
  clock.runDue()
  wires[1]?.onopen?.()
  assert.deepEqual(live.connection.value, { status: 'open' })
  assert.equal(live.epoch.value, 1)
  assert.deepEqual(wires[1]?.sent, [JSON.stringify({ subscribe: [UUID] })])
})

test('a socket in doubt is closed and replaced', () => {
  const { clock, live, wires } = connected()
  live.doubt()
  assert.equal(live.connection.value.status, 'lost')
  clock.runDue()
  assert.equal(wires.length, 2)
})
