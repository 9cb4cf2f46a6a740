import type { Collector } from '../api/collector.ts'

/** Every word of the filter stands in the collector's name, id, state, tags or host. */
export function matchesFilter(collector: Collector, filter: string): boolean {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  if (words.length === 0) return true
  const host = Object.values(collector.host ?? {}).join(' ')
  const text = `${collector.name} ${collector.id} ${collector.state} ${collector.tags.join(' ')} ${host}`.toLowerCase()
  return words.every((word) => text.includes(word))
}
