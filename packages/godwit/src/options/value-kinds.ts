import { type Address, parseAddress } from './address.ts'
import { parseCidr } from './cidr.ts'
import { parseDuration } from './duration.ts'
import { parseSize } from './size.ts'
import { parseTime } from './time.ts'

/** What a flag's value is, by the word that help shows for it. */
export interface Values {
  'HOST:PORT': Address
  DIR: string
  FILE: string
  URL: URL
  CIDR: string
  /** ms */
  DURATION: number
  /** bytes */
  SIZE: number
  /** A whole number. */
  N: number
  /** unix ms */
  TIME: number
  NAME: string
  ID: string
  'csv|ndjson': 'csv' | 'ndjson'
}

export type ValueKind = keyof Values

interface Kind<T> {
  /** Undefined for text that is no such value. */
  readonly parse: (text: string) => T | undefined
  /** Completes the sentence "write it like …". */
  readonly like: string
}

export const VALUE_KINDS: { readonly [K in ValueKind]: Kind<Values[K]> } = {
  'HOST:PORT': { parse: parseAddress, like: '127.0.0.1:9004, [::1]:9004 or server.lan:9004' },
  DIR: { parse: parsePath, like: '/var/lib/godwit' },
  FILE: { parse: parsePath, like: '/etc/godwit.toml' },
  URL: { parse: parseHttpUrl, like: 'http://127.0.0.1:9005' },
  CIDR: { parse: parseCidr, like: '192.168.1.0/24, fd00::/8 or 10.0.0.7' },
  DURATION: { parse: parseDuration, like: '500ms, 10s, 5m or 1h' },
  SIZE: { parse: parseSize, like: '512KiB, 64MiB or 1GiB' },
  N: { parse: parseWhole, like: '12' },
  TIME: { parse: parseTime, like: '2026-11-23T12:00:00Z, 2026-11-23 or 1795435200000 (unix ms)' },
  NAME: { parse: parseText, like: 'greenhouse-pi' },
  ID: { parse: parseText, like: 'greenhouse-pi, 0192e4a1-7c55-7d1c-9d0e-3f5a6b7c8d9e or 0192e4a1' },
  'csv|ndjson': { parse: parseFormat, like: 'csv or ndjson' },
}

function parsePath(text: string): string | undefined {
  return text === '' || text.includes('\0') ? undefined : text
}

function parseText(text: string): string | undefined {
  return text.trim() === '' || text.length > 255 ? undefined : text
}

function parseWhole(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

function parseHttpUrl(text: string): URL | undefined {
  const url = URL.parse(text)
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:') ? url : undefined
}

function parseFormat(text: string): 'csv' | 'ndjson' | undefined {
  return text === 'csv' || text === 'ndjson' ? text : undefined
}
