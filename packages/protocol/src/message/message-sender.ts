import type { FromCollector, FromServer, Message } from './message.ts'

/** The compiler asks for a row for each message of the server. */
const FROM_SERVER: Readonly<Record<FromServer['type'], true>> = {
  welcome: true,
  ack: true,
  busy: true,
  goaway: true,
  task: true,
  pace: true,
}

/** True if it is the server that sends such a message. */
export function isFromServer(message: Message): message is FromServer {
  return Object.hasOwn(FROM_SERVER, message.type)
}

/** True if it is the collector that sends such a message. */
export function isFromCollector(message: Message): message is FromCollector {
  return !isFromServer(message)
}
