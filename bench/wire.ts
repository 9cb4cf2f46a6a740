import { EventEmitter, once } from 'node:events'
import { MemoryQueue } from '../packages/collector/src/queue/memory-queue.ts'
import { Recorder } from '../packages/collector/src/tick/recorder.ts'
import { TestClock } from '../packages/collector/src/tick/test-clock.ts'
import { Uplink } from '../packages/collector/src/uplink/uplink.ts'
import { checkRow } from './codec.ts'
import { CountingProxy, type WireBytes } from './counting-proxy.ts'
import { type Dataset, readDataset } from './dataset.ts'
import { type BenchOptions, type Figure, figureOf, type Target } from './figure.ts'
import { LoopbackServer } from './loopback-server.ts'
import { storedTicks } from './stored-ticks.ts'

const BENCH = 'wire'
const INTERVAL_MS = 1000
const ACK_TIMEOUT_MS = 10_000

const FLUSHES: readonly { readonly seconds: number; readonly target?: Target }[] = [
  { seconds: 1, target: { atMost: 2.8 } },
  { seconds: 10, target: { atMost: 1.55 } },
  { seconds: 60 },
]

/** Tells when the server has all that the queue holds. */
class WatchedQueue extends MemoryQueue {
  readonly #events = new EventEmitter()

  override acknowledgedBelow(seq: number): void {
    super.acknowledgedBelow(seq)
    this.#events.emit('acknowledged')
  }

  async settled(): Promise<void> {
    const signal = AbortSignal.timeout(ACK_TIMEOUT_MS)
    while (this.counts.owedTicks > 0) await once(this.#events, 'acknowledged', { signal })
  }
}

/**
 * All bytes between a collector's uplink and a server, both ways, above TCP, from Hello to Bye. The collector's time is the
 * recording's, driven as fast as the server commits.
 */
export async function run(options: BenchOptions): Promise<Figure[]> {
  const dataset = readDataset()
  const values = dataset.rows.length * dataset.series.length
  const figures: Figure[] = []
  for (const { seconds, target } of FLUSHES) {
    const { total, parts } = await bytesSent(dataset, seconds)
    figures.push(figureOf(BENCH, `bytes-per-value-${seconds}s`, [total / values], 'bytes', target))
    if (!options.json) console.log(`flushed each ${seconds} s: ${splitText(parts, values)}`)
  }
  return figures
}

async function bytesSent(dataset: Dataset, flushSeconds: number): Promise<{ total: number; parts: WireBytes }> {
  await using server = await LoopbackServer.start()
  using proxy = await CountingProxy.start(server.host, server.port)
  const startMs = dataset.wallMs[0] ?? 0
  const clock = new TestClock(startMs)
  const queue = new WatchedQueue(0x0123456789ab, 64 * 1024 * 1024)
  const recorder = new Recorder(queue, INTERVAL_MS)
  const uplink = new Uplink({
    server: proxy,
    collector: new Uint8Array(16).fill(7),
    name: 'node-17',
    software: 'godwit 0.1.0',
    host: { os: 'Debian GNU/Linux 13 (trixie)', kernel: '6.12.0', arch: 'arm64', cpus: 4, memoryBytes: 4 * 1024 ** 3 },
    intervalMs: INTERVAL_MS,
    flushMs: flushSeconds * 1000,
    backoffCapMs: 1000,
    queue,
    clock,
    random: () => 0.5,
    onChange: (change) => {
      if (change.state === 'disconnected') console.error(`bench: ${change.error.message}`)
    },
    onTask: () => 'failed',
  })
  for (const [i, row] of dataset.rows.entries()) {
    clock.run((dataset.wallMs[i] as number) - clock.wallMs())
    const sample = { values: row, seriesChanged: i === 0, wallMs: clock.wallMs(), monoMs: clock.monoMs(), missed: 0 }
    recorder.record(sample, dataset.series)
    uplink.ticked()
    // The uplink flushes with the first tick and from then on each flushSeconds; time stands until the server has them.
    if (i % flushSeconds === 0) await queue.settled()
  }
  await uplink.stop()
  await proxy.drained()
  verify(dataset, server.dataDir)
  const sum = Object.values(proxy.bytes).reduce((a, b) => a + b, 0)
  if (sum !== proxy.totalBytes) throw new Error(`${proxy.totalBytes} bytes went through and ${sum} are accounted for`)
  return { total: proxy.totalBytes, parts: proxy.bytes }
}

/** Bytes that do not arrive as what was sent do not count. */
function verify(dataset: Dataset, dataDir: string): void {
  let count = 0
  for (const { seq, wallMs, values } of storedTicks(dataDir)) {
    if (seq !== count) throw new Error(`tick ${count} is not in the store`)
    if (wallMs !== dataset.wallMs[seq]) throw new Error(`tick ${seq} has another time in the store`)
    checkRow(dataset, seq, dataset.rows[seq] as Float64Array, values)
    count++
  }
  if (count !== dataset.rows.length) throw new Error(`${count} of ${dataset.rows.length} ticks are in the store`)
}

function splitText(parts: WireBytes, values: number): string {
  return Object.entries(parts)
    .filter(([, bytes]) => bytes > 0)
    .map(([part, bytes]) => `${part} ${(bytes / values).toFixed(3)}`)
    .join(', ')
}
