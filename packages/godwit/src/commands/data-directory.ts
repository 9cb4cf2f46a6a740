import { statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { GodwitError } from '../errors.ts'
import type { Environment } from '../options/parse-options.ts'

/** Where a user's data belongs (XDG Base Directory Specification 0.8: a relative XDG_DATA_HOME is to be ignored). */
export function defaultDataDirectory(env: Environment): string {
  const base = env['XDG_DATA_HOME'] ?? ''
  return join(isAbsolute(base) ? base : join(env['HOME'] || homedir(), '.local/share'), 'godwit')
}

/**
 * The absolute path of what --data, or `flag`, names. Throws VALUE_INVALID for a file; that it is missing, or that we may not look at it,
 * is for whoever opens it to say.
 */
export function dataDirectory(path: string, flag: string = '--data'): string {
  const absolute = resolve(path)
  if (!isFile(absolute)) return absolute
  throw new GodwitError('VALUE_INVALID', {
    what: `${flag}: ${absolute} is a file`,
    hint: `give the directory: ${dirname(absolute)}`,
  })
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}
