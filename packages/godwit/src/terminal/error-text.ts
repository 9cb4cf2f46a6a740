import { printable } from './printable.ts'
import type { Style } from './style.ts'

/**
 * What people see of an error: a line that says what is wrong, on what, and why; and one with a hint where there is one. The stack alone of
 * an error that has no code, because that is a mistake of ours and somebody will have to find it.
 */
export function errorText(error: unknown, style: Style): string {
  const name = style.bad('godwit:')
  if (!isForPeople(error)) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return `${name} this is a mistake in godwit, please report it\n${stack}\n`
  }
  const hint = error.hint === undefined ? '' : `${style.strong('hint:')} ${printable(error.hint)}\n`
  return `${name} ${printable(error.message + pathOf(error) + reasonOf(error))}\n${hint}`
}

interface ErrorForPeople extends Error {
  readonly hint?: string
  readonly path?: string
}

function pathOf({ message, path }: ErrorForPeople): string {
  return path === undefined || message.includes(path) ? '' : `: ${path}`
}

/** The word of the operating system (EACCES, EROFS), which tells apart what one code of ours sums up. */
function reasonOf({ message, cause }: ErrorForPeople): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return /^E[A-Z0-9]+$/.test(code) && !message.includes(code) ? ` (${code})` : ''
}

/** Our typed errors, and those of the operating system, have a code that is text. */
function isForPeople(error: unknown): error is ErrorForPeople {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && !error.code.startsWith('ERR_')
}
