import { ServerError } from '../errors.ts'
import type { Connection } from './connection.ts'

/** Of all connections together; each alone is bounded by the longest frame. */
const MAX_BYTES = 64 * 1024 * 1024

/** Bounds what all connections together have received and cannot pass on yet: parts of frames, and whole ones that wait for the store. */
export class ReceiveBudget {
  readonly #connections: ReadonlySet<Pick<Connection, 'bufferedBytes' | 'reject'>>
  #bytes = 0

  constructor(connections: ReadonlySet<Pick<Connection, 'bufferedBytes' | 'reject'>>) {
    this.#connections = connections
  }

  /** Ends the connection that holds most when it is too much: whatever it had sent and was not acknowledged it sends again. */
  add(bytes: number): void {
    this.#bytes += bytes
    if (bytes <= 0 || this.#bytes <= MAX_BYTES) return
    let largest: Pick<Connection, 'bufferedBytes' | 'reject'> | undefined
    for (const connection of this.#connections) {
      if (connection.bufferedBytes > (largest?.bufferedBytes ?? 0)) largest = connection
    }
    largest?.reject(new ServerError('RECEIVE_LIMIT'))
  }
}
