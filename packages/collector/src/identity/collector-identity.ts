import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { COLLECTOR_ID_BYTES, formatCollectorId, parseCollectorId } from '@godwit/protocol'
import { CollectorError } from '../errors.ts'
import { makeDirectory } from './make-directory.ts'

const IDENTITY_FILE = 'collector.json'

/**
 * The collector's id, 16 bytes: drawn at its first start and kept in the state directory. It never comes from the machine, so that a
 * copied card can be told from a reinstalled one. Throws STATE_UNWRITABLE, STATE_INVALID.
 */
export function loadIdentity(stateDir: string): Uint8Array {
  const path = join(stateDir, IDENTITY_FILE)
  try {
    makeDirectory(stateDir)
    return readIdentity(path) ?? createIdentity(path)
  } catch (cause) {
    if (cause instanceof CollectorError) throw cause
    const hint = 'make the directory writable for this user, or give another with --state'
    throw new CollectorError('STATE_UNWRITABLE', { path: stateDir, hint }, { cause })
  }
}

function readIdentity(path: string): Uint8Array | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  try {
    return parseCollectorId((JSON.parse(text) as { id: string }).id)
  } catch (cause) {
    const hint = 'put the file back from a copy, or remove it: the collector then counts as a new one'
    throw new CollectorError('STATE_INVALID', { path, hint }, { cause })
  }
}

/** Written beside and moved into place, so that a power cut leaves the whole file or none. */
function createIdentity(path: string): Uint8Array {
  const id = randomBytes(COLLECTOR_ID_BYTES)
  // Version 4, variant 1: what people's tools expect of a UUID.
  id[6] = ((id[6] as number) & 0x0f) | 0x40
  id[8] = ((id[8] as number) & 0x3f) | 0x80
  const temporary = `${path}.new`
  const file = openSync(temporary, 'w', 0o600)
  try {
    writeSync(file, `${JSON.stringify({ id: formatCollectorId(id) })}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(temporary, path)
  return id
}
