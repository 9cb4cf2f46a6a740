/** What neither shows nor is a space: a terminal would obey it, and a log line break. */
const UNPRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu

/** Text of a stranger as a log may show it: at most `maxChars` characters, `?` for those that do not print. */
export function printable(text: string, maxChars: number): string {
  const chars = Array.from(text)
  const clipped = chars.length > maxChars ? `${chars.slice(0, maxChars - 1).join('')}…` : text
  return clipped.replaceAll(UNPRINTABLE, '?')
}
