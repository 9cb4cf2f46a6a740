import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus, release, totalmem } from 'node:os'

/** Where figures come from: what stands above them in docs/benchmarks.md. */
interface Machine {
  /** Of the source, 12 digits; `+` behind it where files differ from it; 'unknown' outside of a clone. */
  readonly commit: string
  readonly processor: string
  readonly cores: number
  readonly memoryBytes: number
  readonly kernel: string
  readonly node: string
}

function thisMachine(): Machine {
  return {
    commit: commit(),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    kernel: `${process.platform} ${release()}`,
    node: process.version,
  }
}

/** For people, as lines. */
export function machineLines(): string[] {
  const machine = thisMachine()
  const gib = (machine.memoryBytes / 1024 ** 3).toFixed(1)
  return [
    `commit ${machine.commit}, node ${machine.node}, ${machine.kernel}`,
    `${machine.processor}, ${machine.cores} ${machine.cores === 1 ? 'core' : 'cores'}, ${gib} GiB`,
  ]
}

function commit(): string {
  const args = ['describe', '--always', '--abbrev=12', '--exclude=*', '--dirty=+']
  try {
    return execFileSync('git', args, {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return 'unknown'
  }
}
