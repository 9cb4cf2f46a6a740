import type { Command } from '../commands/command.ts'
import { COMMANDS } from '../commands/command-table.ts'
import { GodwitError } from '../errors.ts'
import { nearestName } from './nearest-name.ts'

/** The command of this name. Throws COMMAND_UNKNOWN. */
export function findCommand(name: string): Command {
  const command = COMMANDS.find((one) => one.name === name)
  if (command !== undefined) return command
  const names = COMMANDS.map((one) => one.name)
  const nearest = nearestName(name, names)
  throw new GodwitError('COMMAND_UNKNOWN', {
    what: `there is no command ${JSON.stringify(name)}`,
    hint:
      nearest?.isLikely === true ? `did you mean \`godwit ${nearest.name}\`?` : `the commands are ${names.join(', ')}`,
  })
}
