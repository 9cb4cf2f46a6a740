/**
 * Splits a comma-separated list of series names; commas inside braces and quotes do not separate. Empty names are left
 * out.
 */
export function splitSeriesList(list: string): string[] {
  const names: string[] = []
  let start = 0
  let quoted = false
  let braced = false
  for (let i = 0; i < list.length; i++) {
    const char = list[i]
    if (quoted) {
      if (char === '\\') i++
      quoted = char !== '"'
      continue
    }
    if (char === '"') quoted = true
    if (char === '{') braced = true
    if (char === '}') braced = false
    if (char === ',' && !braced) {
      names.push(list.slice(start, i))
      start = i + 1
    }
  }
  names.push(list.slice(start))
  return names.map((name) => name.trim()).filter((name) => name !== '')
}
