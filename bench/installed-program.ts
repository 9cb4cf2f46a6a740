import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Where a program is; undefined, and on stderr how to get it, where it is not installed. */
export function installedProgram(name: string, debianPackage: string): string | undefined {
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  const path = directories.map((directory) => join(directory, name)).find(isExecutable)
  if (path === undefined) console.error(`bench: ${name} is not installed: apt-get install ${debianPackage}`)
  return path
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
