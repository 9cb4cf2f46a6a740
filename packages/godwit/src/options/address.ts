import { isIP, isIPv6 } from 'node:net'

export interface Address {
  /** A name or an IP address; an IPv6 address without brackets. */
  readonly host: string
  /** 0 lets the system choose where one listens. */
  readonly port: number
}

const ADDRESS = /^(?:\[([^\]]+)\]|([^:[\]\s]+)):(\d{1,5})$/
const HOST_NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252})$/
const LOOKS_LIKE_IPV4 = /^[\d.]+$/

/** HOST:PORT, where an IPv6 address stands in brackets; undefined if `text` is none. */
export function parseAddress(text: string): Address | undefined {
  const match = ADDRESS.exec(text)
  if (match === null) return undefined
  const [, bracketed, plain, digits] = match
  const port = Number(digits)
  if (port > 65_535) return undefined
  if (bracketed !== undefined) return isIPv6(bracketed) ? { host: bracketed, port } : undefined
  const host = plain as string
  if (!HOST_NAME.test(host)) return undefined
  if (LOOKS_LIKE_IPV4.test(host) && isIP(host) !== 4) return undefined
  return { host, port }
}

export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Whether only programs of this machine can reach what listens there. */
export function isLoopback({ host }: Address): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}
