import { createSchema, type Schema, seriesOf, TickEncoder } from '@godwit/protocol'
import type { Clock } from '../clock.ts'
import { LiveSocket } from './live-socket.ts'

export const UUID = '0198f3a2-1b2c-7d3e-8f40-5a6b7c8d9e0f'
const schemaOf = (metric: string): Schema =>
  createSchema([seriesOf(metric)], (bytes) => new Uint8Array(32).fill(bytes.length))

/** Stands still; what was scheduled runs when the test says so. */
export class HandClock implements Clock {
  due: (() => void)[] = []
  timeMs = 1000

  nowMs(): number {
    return this.timeMs
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
export class Wire {
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

/** A live stream whose first connection is open. */
export function connected(): { clock: HandClock; live: LiveSocket; wires: Wire[] } {
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

/** Tells the schema of one series. */
export function schemaText(metric = 'load1'): string {
  const { id, series } = schemaOf(metric)
  return JSON.stringify({ schema: { collector: UUID, id, series } })
}

/** A message a tick, the first of 5 s after 1970, one a second. */
export function tickMessages(values: readonly number[], metric = 'load1'): ArrayBuffer[] {
  const encoder = new TickEncoder({ schema: schemaOf(metric), run: 7, intervalMs: 1000 })
  return values.map((value, seq) => {
    const head = { seq, wallMs: 5000 + seq * 1000, monoMs: seq * 1000, missed: 0 }
    const { bytes } = encoder.encode(head, Float64Array.of(value))
    const uuid = Uint8Array.fromHex(UUID.replaceAll('-', ''))
    return Uint8Array.from([...uuid, 0, 0, 0, 0, 0, 7, seq, 1, bytes.length, ...bytes]).buffer
  })
}
