import { isIP } from 'node:net'

/** An IP address, with or without the length of a network's prefix, as it was written; undefined if `text` is none. */
export function parseCidr(text: string): string | undefined {
  const [address = '', prefix, ...rest] = text.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return undefined
  if (prefix === undefined) return text
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128) ? text : undefined
}
