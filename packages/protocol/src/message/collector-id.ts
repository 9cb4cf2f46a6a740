import { ProtocolError } from '../errors.ts'

export const COLLECTOR_ID_BYTES = 16

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** The text of a UUID, lower case. `bytes`: 16. */
export function formatCollectorId(bytes: Uint8Array): string {
  const hex = bytes.toHex()
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** The 16 bytes of a UUID's text. Throws MESSAGE_MALFORMED. */
export function parseCollectorId(text: string): Uint8Array {
  const lower = text.toLowerCase()
  if (!UUID.test(lower)) throw new ProtocolError('MESSAGE_MALFORMED', { collector: text.slice(0, 64) })
  return Uint8Array.fromHex(lower.replaceAll('-', ''))
}

/** The 12 hex digits by which people see a run. */
export function formatRun(run: number): string {
  return run.toString(16).padStart(12, '0')
}
