const LIKELY_SLIPS = 2

/**
 * The name that takes the fewest slips of the keyboard to become `typed`, and whether it may well have been meant. Half a name counts
 * as one slip: `queue` for `queue-size`, `data-dir` for `data`.
 */
export function nearestName(typed: string, names: readonly string[]): { name: string; isLikely: boolean } | undefined {
  let nearest: { name: string; slips: number } | undefined
  for (const name of names) {
    const slips = isPart(typed, name) ? 1 : editDistance(typed.toLowerCase(), name.toLowerCase())
    if (nearest === undefined || slips < nearest.slips) nearest = { name, slips }
  }
  if (nearest === undefined) return undefined
  const { name, slips } = nearest
  const shorter = Math.min(typed.length, name.length)
  // Two slips make any word of two letters.
  return { name, isLikely: slips < shorter && slips <= Math.max(LIKELY_SLIPS, Math.ceil(name.length / 3)) }
}

function isPart(typed: string, name: string): boolean {
  return typed !== name && Math.min(typed.length, name.length) > 2 && (name.startsWith(typed) || typed.startsWith(name))
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  const width = b.length + 1
  const cost = new Uint16Array((a.length + 1) * width)
  const at = (i: number, j: number): number => cost[i * width + j] as number
  for (let i = 0; i <= a.length; i++) cost[i * width] = i
  for (let j = 0; j <= b.length; j++) cost[j] = j
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      cost[i * width + j] = Math.min(
        replaced,
        at(i - 1, j) + 1,
        at(i, j - 1) + 1,
        swapped ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
      )
    }
  }
  return at(a.length, b.length)
}
