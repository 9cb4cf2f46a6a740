import type { Command, Flag } from '../commands/command.ts'
import type { Style } from '../terminal/style.ts'
import { wrapText } from './wrap-text.ts'

const WIDTH = 80
const INDENT = '  '

/** What `godwit --help` prints: lines of at most 80 characters. */
export function globalHelp(commands: readonly Command[], version: string, style: Style): string {
  const nameWidth = Math.max(...commands.map(({ name }) => name.length))
  const rows = commands.flatMap(({ name, summary }) => twoColumns(name, nameWidth, summary, style))
  return page([
    [`${style.strong('godwit')} ${version}: store-and-forward telemetry for fleets of small machines`],
    [style.strong('Usage'), `${INDENT}godwit COMMAND [--flag VALUE ...]`],
    [style.strong('Commands'), ...rows],
    [
      style.strong('Start here'),
      `${INDENT}godwit up      this machine, on a page`,
      `${INDENT}godwit demo    simulated machines`,
    ],
    [
      '`godwit COMMAND --help` lists the flags of a command. Every flag is also a',
      'GODWIT_... variable. Exit code 0: done, 1: failed, 2: wrong use.',
    ],
  ])
}

/** What `godwit COMMAND --help` prints: lines of at most 80 characters, but for an example that is longer. */
export function commandHelp(command: Command, style: Style): string {
  return page([
    [style.strong(`godwit ${command.name}`), ...wrapText(command.summary, WIDTH)],
    [style.strong('Usage'), ...usage(command)],
    [style.strong('Flags'), ...command.flags.flatMap((flag) => flagLines(flag, style))],
    [
      style.strong('Examples'),
      ...command.examples.flatMap(({ line, does }) => [`${INDENT}${style.faint(`# ${does}`)}`, `${INDENT}${line}`]),
    ],
    [command.flags.some(({ configKey }) => configKey !== undefined) ? PRECEDENCE_WITH_FILE : PRECEDENCE],
  ])
}

const PRECEDENCE = 'A flag wins over its variable.'
const PRECEDENCE_WITH_FILE =
  'A flag wins over its variable, a variable over the configuration file, where the\nkeys are the names of the flags.'

function usage(command: Command): string[] {
  const start = `${INDENT}godwit ${command.name} `
  const parts = command.flags.map((flag) => {
    const text = `--${flag.name} ${flag.value}`
    if (flag.required === true) return text
    return flag.multiple === true ? `[${text} ...]` : `[${text}]`
  })
  const lines: string[] = []
  let line = start
  for (const part of parts) {
    if (line.trim() !== '' && line.length + part.length > WIDTH) {
      lines.push(line.trimEnd())
      line = ' '.repeat(start.length)
    }
    line += `${part} `
  }
  return [...lines, line.trimEnd()]
}

function flagLines(flag: Flag, style: Style): string[] {
  const facts = [
    flag.required === true ? 'required' : '',
    flag.default === undefined ? '' : `default ${flag.default}`,
    flag.min === undefined || flag.max === undefined ? '' : `${flag.min} to ${flag.max}`,
    flag.env,
  ]
  const indent = INDENT.repeat(3)
  return [
    `${INDENT}${style.strong(`--${flag.name}`)} ${flag.value}`,
    ...wrapText(flag.help, WIDTH - indent.length).map((line) => indent + line),
    `${indent}${style.faint(facts.filter(Boolean).join(', '))}`,
  ]
}

function twoColumns(name: string, nameWidth: number, text: string, style: Style): string[] {
  const gap = INDENT.length + nameWidth + 3
  const [first = '', ...rest] = wrapText(text, WIDTH - gap)
  return [
    `${INDENT}${style.strong(name)}${' '.repeat(nameWidth - name.length + 3)}${first}`,
    ...rest.map((line) => ' '.repeat(gap) + line),
  ]
}

function page(sections: readonly (readonly string[])[]): string {
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`
}
