/**
 * A process that plays a fleet of remote writers with the same points as fleet-load.ts has: one request is a batch, and a connection
 * has one request in flight, as remote write has. Everything is encoded before the clock starts.
 */
import { connect, type Socket } from 'node:net'
import type { LoadPlan } from './load-plan.ts'
import { machineTick, seriesNames, startOfTicksMs } from './machine-ticks.ts'
import { fail, type LoadWatch, playConnections } from './play-connections.ts'
import { encodeRemoteWrite } from './remote-write.ts'

class RemoteWriter {
  readonly #requests: readonly Buffer[]
  readonly #plan: LoadPlan
  readonly #watch: LoadWatch
  #socket: Socket | undefined
  #answer = ''
  #sentAtMs = 0
  #acked = 0

  constructor(index: number, plan: LoadPlan, watch: LoadWatch) {
    this.#plan = plan
    this.#watch = watch
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
    if (batch >= this.#plan.warmUpBatches) this.#watch.ackMs.push(performance.now() - this.#sentAtMs)
    if (this.#acked === this.#plan.warmUpBatches) this.#watch.onWarm()
    else if (!this.#isDone) this.sendNext()
    else {
      this.#socket?.end()
      this.#watch.onDone()
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

const plan = JSON.parse(process.argv[2] as string) as LoadPlan
playConnections(
  plan,
  (index, watch) => new RemoteWriter(index, plan, watch),
  (writers) => {
    for (const writer of writers) writer.sendNext()
  },
)
