import type { ValueKind, Values } from '../options/value-kinds.ts'

/** One row of a command's flags. Help, parsing, GODWIT_… variables and TOML keys all come from it. */
export interface Flag {
  /** Without its dashes. */
  readonly name: string
  readonly value: ValueKind
  readonly default?: string
  /** Completes "write it like …" where the examples of `value` would be misleading. */
  readonly like?: string
  /** For values that have an order: the least and the greatest allowed, written as the value is. */
  readonly min?: string
  readonly max?: string
  readonly required?: boolean
  /** May be given more than once; the value is then a list. */
  readonly multiple?: boolean
  readonly env: string
  /** Its key in a configuration file; a flag without one is for the command line. */
  readonly configKey?: string
  readonly help: string
}

export interface Example {
  readonly line: string
  readonly does: string
}

export interface Command {
  readonly name: string
  readonly summary: string
  readonly flags: readonly Flag[]
  readonly examples: readonly Example[]
}

/** What a command gets: one property a flag, already checked; undefined where nothing was given and there is no default. */
export type OptionsOf<C extends Command> = {
  readonly [F in C['flags'][number] as F['name']]: F extends { multiple: true }
    ? readonly Values[F['value']][]
    : F extends { default: string } | { required: true }
      ? Values[F['value']]
      : Values[F['value']] | undefined
}
