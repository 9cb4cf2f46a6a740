import { GodwitError } from '../errors.ts'
import { nearestName } from '../options/nearest-name.ts'
import type { ExportedCollector } from './tick-source.ts'

/** Enough digits that a prefix is not found by accident. */
const MIN_PREFIX = 4
const MOST_SHOWN = 5

/** The collector that people mean by `wanted`: its id, its name, or how its id begins. Throws COLLECTOR_NOT_FOUND, COLLECTOR_AMBIGUOUS. */
export function matchCollector(wanted: string, collectors: readonly ExportedCollector[]): ExportedCollector {
  const lower = wanted.toLowerCase()
  const byId = collectors.filter(({ id }) => id === lower)
  const byName = collectors.filter(({ name }) => name === wanted)
  const byPrefix = lower.length < MIN_PREFIX ? [] : collectors.filter(({ id }) => id.startsWith(lower))
  const matches = [byId, byName, byPrefix].find((found) => found.length > 0) ?? []
  const [match] = matches
  if (match === undefined) throw notFound(wanted, collectors)
  if (matches.length === 1) return match
  const shown = matches.slice(0, MOST_SHOWN).map(({ id, name }) => `${id} (${name})`)
  throw new GodwitError('COLLECTOR_AMBIGUOUS', {
    what: `${JSON.stringify(wanted)} may be any of ${matches.length} collectors`,
    hint: `give one of their ids: ${shown.join(', ')}${matches.length > MOST_SHOWN ? ', …' : ''}`,
  })
}

function notFound(wanted: string, collectors: readonly ExportedCollector[]): GodwitError {
  const names = collectors.map(({ name }) => name)
  const isShortPrefix = wanted.length < MIN_PREFIX && collectors.some(({ id }) => id.startsWith(wanted.toLowerCase()))
  const nearest = nearestName(wanted, names)
  const some = `${names.slice(0, MOST_SHOWN).join(', ')}${names.length > MOST_SHOWN ? ', …' : ''}`
  const hint = isShortPrefix
    ? `the beginning of an id needs at least ${MIN_PREFIX} characters`
    : nearest === undefined
      ? 'it has none yet'
      : nearest.isLikely
        ? `did you mean ${nearest.name}?`
        : `there are ${some}`
  return new GodwitError('COLLECTOR_NOT_FOUND', {
    what: `no collector has the name or id ${JSON.stringify(wanted)}`,
    hint,
  })
}
