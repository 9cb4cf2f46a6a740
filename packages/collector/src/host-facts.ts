import { readFileSync } from 'node:fs'
import { arch, availableParallelism, hostname, release, totalmem, type } from 'node:os'

export function hostName(): string {
  return hostname()
}

/** What people want to know of a machine, told once a connection. */
export function hostFacts(): Record<string, string | number> {
  const distribution = distributionName()
  return {
    os: distribution ?? type(),
    kernel: release(),
    arch: arch(),
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
  }
}

/** PRETTY_NAME of os-release(5); undefined where there is none. */
function distributionName(): string | undefined {
  try {
    const text = readFileSync('/etc/os-release', 'utf8')
    return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(text)?.[1]
  } catch {
    return undefined
  }
}
