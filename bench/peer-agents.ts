import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Figure, figureOf } from './figure.ts'
import { installedProgram } from './installed-program.ts'
import { WatchedProcess } from './watched-process.ts'

/** A program of another project that does what the collector does. */
interface PeerAgent {
  readonly name: string
  readonly program: string
  readonly debianPackage: string
  readonly measure: (program: string, seconds: number) => ReturnType<WatchedProcess['cost']>
}

const SCRAPE_MS = 1000
const NODE_EXPORTER_PORT = 19_100

const PEERS: readonly PeerAgent[] = [
  {
    name: 'node-exporter',
    program: 'prometheus-node-exporter',
    debianPackage: 'prometheus-node-exporter',
    measure: measureNodeExporter,
  },
  { name: 'collectd', program: 'collectd', debianPackage: 'collectd-core', measure: measureCollectd },
]

/**
 * Measures the peers that are installed, all at the same time. For one that is not, says how to get it and goes on without.
 * The figures named peer-… alone are those of node_exporter, the nearest: it is the first of them here.
 */
export async function measurePeers(bench: string, seconds: number): Promise<Figure[]> {
  const figures = await Promise.all(PEERS.map((peer) => measurePeer(bench, peer, seconds)))
  return figures.flat()
}

async function measurePeer(bench: string, peer: PeerAgent, seconds: number): Promise<Figure[]> {
  const path = installedProgram(peer.program, peer.debianPackage)
  if (path === undefined) return []
  const { cpuPercent, privateMb, rssMb } = await peer.measure(path, seconds)
  const prefix = peer === PEERS[0] ? 'peer' : `peer-${peer.name}`
  return [
    figureOf(bench, `${prefix}-cpu-percent`, [cpuPercent], `% of a core, ${peer.name}`),
    figureOf(bench, `${prefix}-private-mb`, [privateMb], `MB, ${peer.name}`),
    figureOf(bench, `${prefix}-rss-mb`, [rssMb], `MB, ${peer.name}`),
  ]
}

/** All its default sensors, scraped each second as Prometheus does, over one connection: it works when it is asked. */
async function measureNodeExporter(program: string, seconds: number): ReturnType<WatchedProcess['cost']> {
  await using exporter = new WatchedProcess(program, [`--web.listen-address=127.0.0.1:${NODE_EXPORTER_PORT}`])
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  let scraped = 0
  const scrapes = setInterval(() => {
    const headers = { accept: 'text/plain;version=0.0.4', 'accept-encoding': 'gzip' }
    request({ host: '127.0.0.1', port: NODE_EXPORTER_PORT, path: '/metrics', agent, headers }, (answer) => {
      if (answer.statusCode === 200) scraped++
      answer.resume()
    })
      // It takes a moment until it listens.
      .on('error', () => {})
      .end()
  }, SCRAPE_MS)
  try {
    const cost = await exporter.cost(seconds)
    if (scraped < seconds) throw new Error(`in ${seconds} s ${program} answered ${scraped} scrapes`)
    return cost
  } finally {
    clearInterval(scrapes)
    agent.destroy()
  }
}

/** Processor, memory, load, network and disks each second, written to the network. */
async function measureCollectd(program: string, seconds: number): ReturnType<WatchedProcess['cost']> {
  const directory = mkdtempSync(join(tmpdir(), 'godwit-bench-'))
  const config = join(directory, 'collectd.conf')
  const sink = createSocket('udp4')
  let packets = 0
  sink.on('message', () => packets++)
  try {
    sink.bind(0, '127.0.0.1')
    await once(sink, 'listening')
    writeFileSync(config, collectdConfig(directory, sink.address().port))
    await using collectd = new WatchedProcess(program, ['-f', '-C', config])
    const cost = await collectd.cost(seconds)
    if (packets < seconds) throw new Error(`in ${seconds} s ${program} sent ${packets} packets`)
    return cost
  } finally {
    sink.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

function collectdConfig(directory: string, port: number): string {
  const sensors = ['cpu', 'memory', 'load', 'interface', 'disk']
  return [
    'Interval 1',
    `BaseDir "${directory}"`,
    `PIDFile "${join(directory, 'pid')}"`,
    ...[...sensors, 'network'].map((plugin) => `LoadPlugin ${plugin}`),
    `<Plugin network>\n  Server "127.0.0.1" "${port}"\n</Plugin>`,
    '',
  ].join('\n')
}
