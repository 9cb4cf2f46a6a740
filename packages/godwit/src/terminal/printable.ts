const CONTROL = /\p{Cc}+/gu

/** `text` as one line that cannot move a terminal's cursor or change its colours: it may hold what a peer sent. */
export function printable(text: string): string {
  return text.replaceAll(CONTROL, ' ').trim()
}
