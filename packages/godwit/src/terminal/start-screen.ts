import { homedir } from 'node:os'
import type { Style } from './style.ts'

/** What a person sees when a command with a page has started. */
export function startScreen(
  screen: { title: string; rows: readonly (readonly [label: string, text: string])[]; foot: string },
  style: Style,
): string {
  const width = Math.max(...screen.rows.map(([label]) => label.length))
  const rows = screen.rows.map(([label, text]) => {
    const shown = text.startsWith('http://') ? style.link(text) : text
    return `  ${style.faint(label.padEnd(width))}   ${shown}`
  })
  return `\n  ${style.strong(screen.title)}\n\n${rows.join('\n')}\n\n  ${style.faint(screen.foot)}\n\n`
}

/** A path as a shell prompt shows it. */
export function homePath(path: string): string {
  const home = homedir()
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path
}
