import type { HostFacts } from '../api/collector.ts'
import { formatValue } from './value.ts'

/** The facts of a host in reading order, those that are known. */
export function hostFacts(host: HostFacts | null): string[] {
  if (host === null) return []
  const { model, os, arch, cpus, memoryBytes, kernel } = host
  const facts = [
    model,
    [os, arch].filter((fact) => fact !== undefined).join(' '),
    cpus === undefined ? undefined : cpus === 1 ? '1 core' : `${cpus} cores`,
    memoryBytes === undefined ? undefined : formatValue(memoryBytes, 'bytes'),
    kernel === undefined ? undefined : `kernel ${kernel}`,
  ]
  return facts.filter((fact) => fact !== undefined && fact !== '') as string[]
}

/** The same in one short line. */
export function hostLine(host: HostFacts | null): string {
  if (host === null) return ''
  const { kernel: _kernel, memoryBytes: _memory, ...short } = host
  return hostFacts(short).join(' · ')
}
