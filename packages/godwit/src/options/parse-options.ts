import { parseArgs } from 'node:util'
import type { Command, Flag } from '../commands/command.ts'
import { GodwitError } from '../errors.ts'
import { readConfigFile } from './config-file.ts'
import { nearestName } from './nearest-name.ts'
import { VALUE_KINDS } from './value-kinds.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** What was written for a flag, and where, in the words of a message. */
interface Written {
  readonly texts: readonly string[]
  readonly where: string
}

/**
 * Reads the options of `command`: flags win over variables, variables over the configuration file, that over defaults.
 * Returns one property a flag (commands/command.ts: OptionsOf), or 'help' where --help or -h stands among the flags.
 * Throws GodwitErrors of wrong use.
 */
export function parseOptions(
  command: Command,
  args: readonly string[],
  env: Environment,
): Readonly<Record<string, unknown>> | 'help' {
  const flags = readFlags(command, args)
  if (flags === 'help') return 'help'
  const written = new Map([...readVariables(command, env), ...flags])
  const all = new Map([...readConfig(command, written.get('config')), ...written])
  const options: Record<string, unknown> = {}
  for (const flag of command.flags) options[flag.name] = valueOf(command, flag, all.get(flag.name))
  return options
}

function readFlags(command: Command, args: readonly string[]): Map<string, Written> | 'help' {
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      ...Object.fromEntries(command.flags.map(({ name }) => [name, { type: 'string' as const }])),
    },
  })
  if (tokens.some((token) => token.kind === 'option' && token.name === 'help')) return 'help'
  const texts = new Map<string, string[]>()
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue
    if (token.kind === 'positional') throw unexpectedArgument(command, token.value)
    const flag = command.flags.find(({ name }) => name === token.name)
    if (flag === undefined) throw unknownFlag(command, token.rawName)
    // `--data --http` forgot a value; nothing that is wanted begins with two dashes.
    if (token.value === undefined || (token.inlineValue === false && token.value.startsWith('--'))) {
      throw new GodwitError('VALUE_MISSING', {
        what: `--${flag.name} needs a value`,
        hint: `write it like ${likeOf(flag)}`,
      })
    }
    texts.set(flag.name, flag.multiple === true ? [...(texts.get(flag.name) ?? []), token.value] : [token.value])
  }
  return new Map(
    Array.from(texts, ([name, values]) => [
      name,
      { texts: values.flatMap(splitList(command, name)), where: `--${name}` },
    ]),
  )
}

function readVariables(command: Command, env: Environment): Map<string, Written> {
  const written = new Map<string, Written>()
  for (const flag of command.flags) {
    const text = env[flag.env]
    // Empty is unset: container files write `GODWIT_NAME=`.
    if (text === undefined || text === '') continue
    written.set(flag.name, { texts: splitList(command, flag.name)(text), where: flag.env })
  }
  return written
}

function readConfig(command: Command, config: Written | undefined): Map<string, Written> {
  const path = config?.texts[0]
  const written = new Map<string, Written>()
  if (path === undefined) return written
  for (const [key, value] of Object.entries(readConfigFile(path))) {
    const flag = command.flags.find(({ configKey }) => configKey === key)
    if (flag === undefined) throw unknownKey(command, path, key)
    const where = `${key} in ${path}`
    const texts = (Array.isArray(value) && flag.multiple === true ? value : [value]).map((one) =>
      configText(one, flag, where),
    )
    written.set(flag.name, { texts, where })
  }
  return written
}

function configText(value: unknown, flag: Flag, where: string): string {
  if (typeof value === 'string') return value
  if (flag.value === 'N' && (typeof value === 'number' || typeof value === 'bigint')) return String(value)
  throw new GodwitError('VALUE_INVALID', {
    what: `${where} must be ${flag.multiple === true ? 'a list of texts' : 'text'} in quotes`,
    hint: `write it like "${likeOf(flag).split(/,| or /)[0]}"`,
  })
}

function valueOf(command: Command, flag: Flag, written: Written | undefined): unknown {
  if (flag.multiple === true)
    return (written?.texts ?? []).map((text) => checkedValue(flag, text, written?.where ?? ''))
  const text = written?.texts[0] ?? flag.default
  if (text !== undefined) return checkedValue(flag, text, written?.where ?? `--${flag.name}`)
  if (flag.required !== true) return undefined
  throw new GodwitError('FLAG_REQUIRED', {
    what: `\`godwit ${command.name}\` needs --${flag.name} ${flag.value}`,
    hint: `${command.examples[0]?.line ?? ''} (or set ${flag.env})`,
  })
}

function checkedValue(flag: Flag, text: string, where: string): unknown {
  const { parse } = VALUE_KINDS[flag.value]
  const value = parse(text)
  if (value === undefined) {
    throw new GodwitError('VALUE_INVALID', {
      what: `${where}: cannot read ${JSON.stringify(text)}`,
      hint: `write it like ${likeOf(flag)}`,
    })
  }
  const bound = (limit: string | undefined, none: number): number => (limit === undefined ? none : Number(parse(limit)))
  const isOutside =
    Number(value) < bound(flag.min, Number.NEGATIVE_INFINITY) ||
    Number(value) > bound(flag.max, Number.POSITIVE_INFINITY)
  if (!isOutside) return value
  throw new GodwitError('VALUE_INVALID', {
    what: `${where}: ${JSON.stringify(text)} is out of range`,
    hint: [flag.min === undefined ? '' : `at least ${flag.min}`, flag.max === undefined ? '' : `at most ${flag.max}`]
      .filter(Boolean)
      .join(', '),
  })
}

function likeOf(flag: Flag): string {
  return flag.like ?? VALUE_KINDS[flag.value].like
}

/** Lists may also be written with commas, because a variable cannot be repeated. */
function splitList(command: Command, name: string): (text: string) => string[] {
  const isList = command.flags.find((flag) => flag.name === name)?.multiple === true
  return (text) => (isList ? text.split(',').map((part) => part.trim()) : [text])
}

function unknownFlag(command: Command, rawName: string): GodwitError {
  const name = rawName.replace(/^-+/, '')
  const names = [...command.flags.map((flag) => flag.name), 'help']
  return new GodwitError('FLAG_UNKNOWN', {
    what: `\`godwit ${command.name}\` has no flag ${rawName}`,
    hint: `${didYouMean(name, names, '--')}\`godwit ${command.name} --help\` lists them all`,
  })
}

function unknownKey(command: Command, path: string, key: string): GodwitError {
  const keys = command.flags.flatMap(({ configKey }) => configKey ?? [])
  return new GodwitError('KEY_UNKNOWN', {
    what: `${path}: \`godwit ${command.name}\` has no key ${JSON.stringify(key)}`,
    hint: `${didYouMean(key, keys, '')}its keys are ${keys.join(', ')}`,
  })
}

function unexpectedArgument(command: Command, argument: string): GodwitError {
  return new GodwitError('ARGUMENT_UNEXPECTED', {
    what: `\`godwit ${command.name}\` takes flags alone, not ${JSON.stringify(argument)}`,
    hint: `\`godwit ${command.name} --help\` lists the flags`,
  })
}

function didYouMean(typed: string, names: readonly string[], prefix: string): string {
  const nearest = nearestName(typed, names)
  return nearest?.isLikely === true ? `did you mean ${prefix}${nearest.name}? ` : ''
}
