import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import type { Environment } from '../options/parse-options.ts'

/** Where a user's data belongs (XDG Base Directory Specification 0.8: a relative XDG_DATA_HOME is to be ignored). */
export function defaultDataDirectory(env: Environment): string {
  const base = env['XDG_DATA_HOME'] ?? ''
  return join(isAbsolute(base) ? base : join(env['HOME'] || homedir(), '.local/share'), 'godwit')
}
