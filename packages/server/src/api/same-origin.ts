import type { IncomingHttpHeaders } from 'node:http'

/**
 * Whether a request comes from a page of this server, or from no page at all. Browsers send Origin with each WebSocket and each
 * POST, and pages cannot forge it; programs that are no browsers send none.
 */
export function isSameOrigin({ origin, host, ...headers }: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site']
  if (site === 'cross-site' || site === 'same-site') return false
  if (origin === undefined) return true
  // The scheme is left out: a proxy in front may speak TLS where we do not.
  return host !== undefined && URL.parse(origin)?.host === host.toLowerCase()
}
