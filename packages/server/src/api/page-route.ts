import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

/** The build names a file by its content where it can: such a file never changes. */
const NAMED_BY_CONTENT = /-[A-Z0-9]{8}\.\w+$/

/** Serves the built page: its files, and index.html for every address that the page itself shows. */
export async function addPageRoute(app: FastifyInstance, webRoot: string): Promise<void> {
  await app.register(fastifyStatic, {
    root: webRoot,
    // A route a file that is there: no address can reach any other.
    wildcard: false,
    dotfiles: 'ignore',
    cacheControl: false,
    setHeaders: (reply, path) => {
      // no-cache is "ask each time": the answer is 304 while the ETag is the same.
      const lifetime = NAMED_BY_CONTENT.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache'
      void reply.header('cache-control', lifetime)
    },
  })
  app.get('/collectors/*', { schema: { hide: true } }, async (_request, reply) => reply.sendFile('index.html'))
}
