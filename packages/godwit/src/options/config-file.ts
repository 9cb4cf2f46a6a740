import { readFileSync } from 'node:fs'
import { parse, TomlError } from 'smol-toml'
import { GodwitError } from '../errors.ts'

/** The keys of a TOML file, top level. Throws CONFIG_UNREADABLE, CONFIG_MALFORMED. */
export function readConfigFile(path: string): Readonly<Record<string, unknown>> {
  const text = readText(path)
  try {
    return parse(text, { integersAsBigInt: 'asNeeded' })
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause
    // Below its first lines the message draws the place; the line and column say as much.
    const reason = cause.message.replace('Invalid TOML document: ', '').split('\n')[0] ?? ''
    throw new GodwitError(
      'CONFIG_MALFORMED',
      {
        what: `${path}:${cause.line}:${cause.column}: ${reason}`,
        hint: 'a line is KEY = "VALUE"; a # begins a comment',
      },
      { cause },
    )
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    const reason = code === 'ENOENT' ? 'there is no such file' : (cause as Error).message
    throw new GodwitError(
      'CONFIG_UNREADABLE',
      {
        what: `cannot read the configuration file ${path}: ${reason}`,
        hint: `--config and GODWIT_CONFIG take the path of a TOML file, read from ${process.cwd()}`,
      },
      { cause },
    )
  }
}
