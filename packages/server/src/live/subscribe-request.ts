import { formatCollectorId, ProtocolError, parseCollectorId } from '@godwit/protocol'

/** Collectors that one browser may watch at a time. */
export const MAX_SUBSCRIPTIONS = 512

/** Bytes of one message from a browser; 512 ids take 20 KiB. */
export const MAX_REQUEST_BYTES = 65_536

/** `refused`: why the socket is to be closed; at most 123 bytes, what a WebSocket close frame holds. */
export type SubscribeRequest = { readonly collectorIds: ReadonlySet<string> } | { readonly refused: string }

/**
 * Reads `{"subscribe": ["uuid", …]}`: the collectors that the browser watches from now on, in place of those before.
 * Ids come out in lower case.
 */
export function parseSubscribeRequest(text: string): SubscribeRequest {
  const list = subscribeListOf(text)
  if (list === undefined) return { refused: 'expected {"subscribe": [collector ids]}' }
  if (list.length > MAX_SUBSCRIPTIONS) return { refused: `at most ${MAX_SUBSCRIPTIONS} subscriptions` }
  const collectorIds = new Set<string>()
  for (const [index, id] of list.entries()) {
    const canonical = canonicalId(id)
    if (canonical === undefined) return { refused: `subscribe[${index}] is not a UUID` }
    collectorIds.add(canonical)
  }
  return { collectorIds }
}

function subscribeListOf(text: string): unknown[] | undefined {
  try {
    const message = JSON.parse(text) as { subscribe?: unknown } | null
    return Array.isArray(message?.subscribe) ? message.subscribe : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function canonicalId(id: unknown): string | undefined {
  if (typeof id !== 'string') return undefined
  try {
    return formatCollectorId(parseCollectorId(id))
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}
