/**
 * Measures.
 *
 *   npm run bench -- NAME... [--json] [--peer] [--seconds=N]
 */
import { parseArgs } from 'node:util'
import { nearestName } from '../packages/godwit/src/options/nearest-name.ts'
import { BENCHES, type BenchEntry } from './bench-catalogue.ts'
import type { BenchOptions } from './figure.ts'
import { figureJson, figureTable } from './figure-table.ts'
import { machineLines } from './machine.ts'

const USAGE = `npm run bench -- NAME... [--json] [--peer] [--seconds=N]

  --json       one line of JSON a figure and nothing else
  --peer       measures other programs beside ours, the same way
  --seconds=N  how long a process is watched (collector)
`

const FAILED = 1
const WRONG_USE = 2

async function main(args: readonly string[]): Promise<number> {
  const parsed = readArguments(args)
  if (typeof parsed === 'string') return wrongUse(parsed)
  if (parsed.names.length === 0) {
    console.log(`${USAGE}\n${BENCHES.map(({ name, help }) => `  ${name.padEnd(12)} ${help}`).join('\n')}`)
    return 0
  }
  const chosen: BenchEntry[] = []
  for (const name of parsed.names) {
    const entry = BENCHES.find((bench) => bench.name === name)
    if (entry === undefined) return wrongUse(unknownBench(name))
    chosen.push(entry)
  }
  if (!parsed.options.json) console.log(`${machineLines().join('\n')}\n`)
  for (const entry of chosen) await measure(entry, parsed.options)
  return 0
}

function readArguments(args: readonly string[]): { names: readonly string[]; options: BenchOptions } | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        peer: { type: 'boolean', default: false },
        seconds: { type: 'string' },
      },
    })
    const { json, peer } = values
    if (values.seconds === undefined) return { names: positionals, options: { json, peer } }
    const seconds = Number(values.seconds)
    if (!(seconds >= 1)) return '--seconds takes a number, 1 at least'
    return { names: positionals, options: { json, peer, seconds } }
  } catch (error) {
    return (error as Error).message
  }
}

async function measure(entry: BenchEntry, options: BenchOptions): Promise<void> {
  const { run } = await entry.load()
  const figures = await run(options)
  console.log(options.json ? figures.map(figureJson).join('\n') : figureTable(figures))
}

function unknownBench(name: string): string {
  const names = BENCHES.map((bench) => bench.name)
  const nearest = nearestName(name, names)
  const guess = nearest?.isLikely ? ` Did you mean ${nearest.name}?` : ''
  return `there is no bench ${name}.${guess} There are: ${names.join(', ')}`
}

function wrongUse(message: string): number {
  console.error(`bench: ${message}\nhint: npm run bench lists them`)
  return WRONG_USE
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.error(`bench: ${(error as Error).message}`)
  process.exitCode = FAILED
}
