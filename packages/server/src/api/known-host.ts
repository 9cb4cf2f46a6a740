import { isIP } from 'node:net'

/**
 * Whether the Host header of a request names this server: by an address, as localhost, or by a name that the operator gave. Any other
 * name may be one of a page elsewhere that let its name point here (DNS rebinding) to read what only this machine should.
 */
export function isKnownHost(header: string | undefined, allowedHosts: readonly string[]): boolean {
  // HTTP/1.0 clients send none; browsers always do.
  if (header === undefined) return true
  const host = URL.parse(`http://${header}`)?.hostname
  if (host === undefined) return false
  const isAddress = isIP(host.replace(/^\[(.*)\]$/, '$1')) !== 0
  return isAddress || host === 'localhost' || host.endsWith('.localhost') || allowedHosts.includes(host)
}
