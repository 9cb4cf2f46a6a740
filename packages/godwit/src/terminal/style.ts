import { styleText } from 'node:util'

/** How text looks; without colours each gives back what it got. */
export interface Style {
  strong(text: string): string
  faint(text: string): string
  link(text: string): string
  bad(text: string): string
}

/** Colours for a terminal, unless NO_COLOR (https://no-color.org) is set to anything, or TERM is dumb. */
export function styleFor(stream: { isTTY?: boolean }, env: Readonly<Record<string, string | undefined>>): Style {
  const plain = stream.isTTY !== true || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb'
  const painter =
    (format: Parameters<typeof styleText>[0]) =>
    (text: string): string =>
      plain ? text : styleText(format, text, { validateStream: false })
  return {
    strong: painter('bold'),
    faint: painter('dim'),
    link: painter(['cyan', 'underline']),
    bad: painter(['bold', 'red']),
  }
}
