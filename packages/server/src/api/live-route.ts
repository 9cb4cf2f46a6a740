import type { FastifyInstance } from 'fastify'
import type { LiveConnection } from '../live/live-subscriber.ts'
import { problemOf, sendProblem } from './problem.ts'
import type { RouteContext } from './route-context.ts'

/** What is used of a WebSocket of the package ws, which has no types of its own. */
interface BrowserSocket extends LiveConnection {
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): void
  on(event: 'pong' | 'close', listener: () => void): void
}

const UNSUPPORTED_DATA = 1003

/** Format of what is sent and received: live/live-message.ts and live/subscribe-request.ts. */
export function addLiveRoute(app: FastifyInstance, context: RouteContext): void {
  app.route({
    method: 'GET',
    url: '/api/v1/live',
    exposeHeadRoute: false,
    schema: {
      summary: 'WebSocket: committed ticks as they were sent',
      response: { 101: { description: 'Switching to WebSocket', type: 'null' } },
    },
    handler: async (_request, reply) => {
      void reply.header('upgrade', 'websocket').header('connection', 'upgrade')
      return sendProblem(reply, problemOf('UPGRADE_REQUIRED'))
    },
    wsHandler: (socket: BrowserSocket) => {
      const session = context.live.accept(socket)
      if (session === undefined) return
      socket.on('message', (data, isBinary) => {
        if (isBinary) socket.close(UNSUPPORTED_DATA, 'expected text')
        else session.receive(data.toString())
      })
      socket.on('pong', () => session.heard())
      socket.on('close', () => session.closed())
    },
  })
}
