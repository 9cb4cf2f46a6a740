import type { TimeRange } from './time-range.ts'

/** Joins neighbours, those with the least time between them first, until `keep` are left. `sorted` by their starts. */
export function joinNearest<T extends TimeRange>(sorted: readonly T[], keep: number, join: (a: T, b: T) => T): T[] {
  const excess = sorted.length - keep
  if (excess <= 0) return [...sorted]
  const spaces = Float64Array.from({ length: sorted.length - 1 }, (_, i) => {
    return (sorted[i + 1] as T).fromMs - (sorted[i] as T).toMs
  })
  const longest = spaces.toSorted()[excess - 1] as number
  // Of those that are as long as the longest, only so many are left.
  let equals = excess - spaces.reduce((count, space) => (space < longest ? count + 1 : count), 0)
  const joined: T[] = []
  for (const [i, one] of sorted.entries()) {
    const space = i === 0 ? Number.POSITIVE_INFINITY : (spaces[i - 1] as number)
    const isNear = space < longest || (space === longest && equals-- > 0)
    if (isNear) joined[joined.length - 1] = join(joined.at(-1) as T, one)
    else joined.push(one)
  }
  return joined
}
