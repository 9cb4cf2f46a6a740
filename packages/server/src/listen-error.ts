import { ServerError } from './errors.ts'

/** Why an address can't be listened on, in an operator's words. `flag` is what chose it. */
export function listenError(
  cause: Error,
  flag: 'wire' | 'http',
  { host, port }: { readonly host: string; readonly port: number },
): ServerError {
  const code = 'code' in cause ? cause.code : undefined
  const at = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const hints: Record<string, string> = {
    EADDRINUSE: `another program listens there; stop it or choose another port with --${flag}, port 0 picks a free one`,
    EACCES: `ports below 1024 need privileges; choose another with --${flag}`,
    EADDRNOTAVAIL: `this machine has no such address; choose one of its own with --${flag}`,
    ENOTFOUND: `the name is not known; give an address of this machine with --${flag}`,
  }
  const hint = hints[String(code)] ?? `choose another address with --${flag}`
  const what = `cannot listen on ${at} (${String(code)})`
  return new ServerError('LISTEN_FAILED', { op: 'listen', path: at, hint, what }, { cause })
}
