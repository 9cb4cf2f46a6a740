import { CollectorError } from './errors.ts'

/** What `godwit collect` hands over, checked already: JSON behind `--options`. */
export interface CollectorOptions {
  readonly server: { readonly host: string; readonly port: number }
  readonly stateDir: string
  /** Name and version, which the server shows. */
  readonly software: string
  readonly intervalMs: number
  readonly flushMs: number
  readonly queueBytes: number
  /** Null for the host's name. */
  readonly name: string | null
  /** The longest span from which the wait for a reconnection is drawn. */
  readonly backoffCapMs?: number
}

const USAGE = 'start the collector with `godwit collect`; see `godwit collect --help`'

/** Throws OPTIONS_INVALID. */
export function readOptions(args: readonly string[]): CollectorOptions {
  const json = args[0] === '--options' ? args[1] : undefined
  if (json === undefined) throw new CollectorError('OPTIONS_INVALID', { hint: USAGE })
  try {
    const options = JSON.parse(json) as CollectorOptions
    const texts = [options.server.host, options.stateDir, options.software]
    const isWhole = typeof options.server.port === 'number' && texts.every((text) => typeof text === 'string')
    if (!isWhole) throw new Error('fields are missing')
    return options
  } catch (cause) {
    throw new CollectorError('OPTIONS_INVALID', { hint: USAGE }, { cause })
  }
}
