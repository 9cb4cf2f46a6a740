import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { type Figure, figureOf } from './figure.ts'
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
  const path = installedAt(peer.program)
  if (path === undefined) {
    console.error(`bench: ${peer.program} is not installed: apt-get install ${peer.debianPackage}`)
    return []
  }
  const { cpuPercent, privateMb, rssMb } = await peer.measure(path, seconds)
  const prefix = peer === PEERS[0] ? 'peer' : `peer-${peer.name}`
  return [
    figureOf(bench, `${prefix}-cpu-percent`, [cpuPercent], `% of a core, ${peer.name}`),
    figureOf(bench, `${prefix}-private-mb`, [privateMb], `MB, ${peer.name}`),
    figureOf(bench, `${prefix}-rss-mb`, [rssMb], `MB, ${peer.name}`),
  ]
}

function installedAt(program: string): string | undefined {
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return directories.map((directory) => join(directory, program)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** All its default sensors, scraped each second: it works when it is asked. */
async function measureNodeExporter(program: string, seconds: number): ReturnType<WatchedProcess['cost']> {
  await using exporter = new WatchedProcess(program, [`--web.listen-address=127.0.0.1:${NODE_EXPORTER_PORT}`])
  const scrapes = setInterval(() => {
    const url = `http://127.0.0.1:${NODE_EXPORTER_PORT}/metrics`
    // It takes a moment until it listens.
    request(url, (answer) => answer.resume())
      .on('error', () => {})
      .end()
  }, SCRAPE_MS)
  try {
    return await exporter.cost(seconds)
  } finally {
    clearInterval(scrapes)
  }
}

/** Processor, memory, load, network and disks each second, written to the network. */
async function measureCollectd(program: string, seconds: number): ReturnType<WatchedProcess['cost']> {
  const directory = mkdtempSync(join(tmpdir(), 'godwit-bench-'))
  const config = join(directory, 'collectd.conf')
  writeFileSync(config, collectdConfig(directory))
  try {
    await using collectd = new WatchedProcess(program, ['-f', '-C', config])
    return await collectd.cost(seconds)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function collectdConfig(directory: string): string {
  const sensors = ['cpu', 'memory', 'load', 'interface', 'disk']
  return [
    'Interval 1',
    `BaseDir "${directory}"`,
    `PIDFile "${join(directory, 'pid')}"`,
    ...[...sensors, 'network'].map((plugin) => `LoadPlugin ${plugin}`),
    '<Plugin network>\n  Server "127.0.0.1" "25826"\n</Plugin>',
    '',
  ].join('\n')
}
