/**
 * A process that plays a fleet of remote writers with the same points as fleet-load.ts has: one request is a batch, and a connection
 * has one request in flight, as remote write has. Everything is encoded before the clock starts.
 */
import { connect, type Socket } from 'node:net'
import type { LoadMessage, LoadPlan } from './load-plan.ts'
import { machineTick, seriesNames, startOfTicksMs } from './machine-ticks.ts'
import { encodeRemoteWrite } from './remote-write.ts'

class RemoteWriter {
  readonly #requests: readonly Buffer[]
  readonly #plan: LoadPlan
  readonly #ackMs: number[]
  readonly #onWarm: () => void
  readonly #onDone: () => void
  #socket: Socket | undefined
  #answer = ''
  #sentAtMs = 0
  #acked = 0

  constructor(index: number, plan: LoadPlan, ackMs: number[], onWarm: () => void, onDone: () => void) {
    this.#plan = plan
    this.#ackMs = ackMs
    this.#onWarm = onWarm
    this.#onDone = onDone
    this.#requests = encodeRequests(index, plan)
  }

  connect(): void {
    const socket = connect({ host: '127.0.0.1', port: this.#plan.port, noDelay: true })
    this.#socket = socket
    socket.on('error', (error) => fail(error.message))
    socket.on('data', (chunk: Buffer) => this.#receive(chunk.toString('latin1')))
    socket.on('close', () => this.#isDone || fail('the server closed a connection'))
    socket.on('connect', () => this.sendNext())
  }

  sendNext(): void {
    this.#sentAtMs = performance.now()
    this.#socket?.write(this.#requests[this.#acked] as Buffer)
  }

  get #isDone(): boolean {
    return this.#acked === this.#requests.length
  }

  #receive(text: string): void {
    this.#answer += text
    if (!this.#answer.endsWith('\r\n\r\n')) return
    // 204 has no body: the head is all.
    if (!this.#answer.startsWith('HTTP/1.1 204 ')) fail(`unexpected ${this.#answer}`)
    this.#answer = ''
    const batch = this.#acked++
    if (batch >= this.#plan.warmUpBatches) this.#ackMs.push(performance.now() - this.#sentAtMs)
    if (this.#acked === this.#plan.warmUpBatches) this.#onWarm()
    else if (!this.#isDone) this.sendNext()
    else {
      this.#socket?.end()
      this.#onDone()
    }
  }
}

function encodeRequests(index: number, { port, batchesPerConnection, ticksPerBatch }: LoadPlan): Buffer[] {
  const startMs = startOfTicksMs(batchesPerConnection * ticksPerBatch)
  const instance = `machine-${index}`
  return Array.from({ length: batchesPerConnection }, (_, batch) => {
    const ticks = Array.from({ length: ticksPerBatch }, (_, i) =>
      machineTick(index, batch * ticksPerBatch + i, startMs),
    )
    const series = seriesNames.map((name, column) => ({
      labels: [
        ['__name__', name],
        ['instance', instance],
      ] as const,
      samples: ticks.map(({ row, wallMs }) => ({ value: row[column] as number, wallMs })),
    }))
    const body = encodeRemoteWrite(series)
    return Buffer.concat([Buffer.from(requestHead(port, body.length)), body])
  })
}

function requestHead(port: number, bodyBytes: number): string {
  return [
    'POST /api/v1/write HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    'Content-Type: application/x-protobuf',
    'Content-Encoding: snappy',
    'X-Prometheus-Remote-Write-Version: 0.1.0',
    `Content-Length: ${bodyBytes}`,
    '\r\n',
  ].join('\r\n')
}

function fail(message: string): never {
  process.stderr.write(`load: ${message}\n`)
  process.exit(1)
}

/** Calls back when the parent has it: a channel that is closed before loses what was sent. */
function report(message: LoadMessage, sent: () => void = () => {}): void {
  process.send?.(message, undefined, undefined, sent)
}

function main(plan: LoadPlan): void {
  const ackMs: number[] = []
  let ready = 0
  let done = 0
  let startMs = 0
  const onWarm = (): void => {
    ready++
    if (ready === plan.connections) report({ type: 'connected' })
  }
  const onDone = (): void => {
    done++
    if (done < plan.connections) return
    const wallS = (performance.now() - startMs) / 1000
    report({ type: 'done', batches: ackMs.length, wallS, ackMs: ackMs.sort((a, b) => a - b) }, () =>
      process.disconnect?.(),
    )
  }
  const writers = Array.from({ length: plan.connections }, (_, i) => new RemoteWriter(i, plan, ackMs, onWarm, onDone))
  for (const writer of writers) writer.connect()
  process.on('message', () => {
    startMs = performance.now()
    for (const writer of writers) writer.sendNext()
  })
}

main(JSON.parse(process.argv[2] as string) as LoadPlan)
