import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Command } from '../commands/command.ts'
import { COMMANDS } from '../commands/command-table.ts'
import { styleFor } from '../terminal/style.ts'
import { commandHelp, globalHelp } from './help-text.ts'
import { wrapText } from './wrap-text.ts'

const PLAIN = styleFor({ isTTY: false }, {})
const LONGEST_EXAMPLE = 100

const SAMPLE: Command = {
  name: 'fly',
  summary: 'Flies from A to B, eleven days without landing, and counts each second of the way with great care',
  flags: [
    { name: 'to', value: 'HOST:PORT', required: true, env: 'GODWIT_TO', configKey: 'to', help: 'Where it lands' },
    { name: 'speed', value: 'N', default: '60', min: '1', max: '90', env: 'GODWIT_SPEED', help: 'Kilometres an hour' },
    { name: 'over', value: 'CIDR', multiple: true, env: 'GODWIT_OVER', help: 'What lies below; may be repeated' },
  ],
  examples: [{ line: 'godwit fly --to nz:1', does: 'from Alaska' }],
}

test('the help of a command shows usage, flags with their facts, and examples', () => {
  assert.equal(
    commandHelp(SAMPLE, PLAIN),
    `godwit fly
Flies from A to B, eleven days without landing, and counts each second of the
way with great care

Usage
  godwit fly --to HOST:PORT [--speed N] [--over CIDR ...]

Flags
  --to HOST:PORT
      Where it lands
      required, GODWIT_TO
  --speed N
      Kilometres an hour
      default 60, 1 to 90, GODWIT_SPEED
  --over CIDR
      What lies below; may be repeated
      GODWIT_OVER

Examples
  # from Alaska
  godwit fly --to nz:1

A flag wins over its variable, a variable over the configuration file, where the
keys are the names of the flags.
`,
  )
})

test('no line of help is wider than 80 columns, but for an example', () => {
  for (const line of globalHelp(COMMANDS, '0.0.0', PLAIN).split('\n')) assert.ok(line.length <= 80, line)
  for (const command of COMMANDS) {
    for (const line of commandHelp(command, PLAIN).split('\n')) {
      assert.ok(line.length <= (line.startsWith('  godwit ') ? LONGEST_EXAMPLE : 80), line)
    }
  }
})

test('every example of a command is a call of it with flags that it has', () => {
  for (const command of COMMANDS) {
    for (const { line } of command.examples) {
      assert.ok(line.startsWith(`godwit ${command.name}`), line)
      const names: string[] = command.flags.map(({ name }) => name)
      for (const [, name = ''] of line.matchAll(/--([a-z-]+)/g)) assert.ok(names.includes(name), line)
    }
  }
})

test('colours are for a terminal whose user did not refuse them', () => {
  assert.ok(styleFor({ isTTY: true }, {}).strong('x').startsWith('\u001b[1mx'))
  assert.equal(styleFor({ isTTY: true }, { NO_COLOR: '1' }).strong('x'), 'x')
  assert.equal(styleFor({ isTTY: true }, { TERM: 'dumb' }).strong('x'), 'x')
  assert.equal(styleFor({}, {}).strong('x'), 'x')
})

test('text breaks at spaces, and a word that is too long stands alone', () => {
  assert.deepEqual(wrapText('one two three', 7), ['one two', 'three'])
  assert.deepEqual(wrapText('a toolongword b', 4), ['a', 'toolongword', 'b'])
})
