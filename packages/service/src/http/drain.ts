import { Server as TcpServer } from 'node:net'
import type { FastifyInstance } from 'fastify'

const TICK_MS = 20
/** Ticks without a request until what is idle is taken to stay so. */
const QUIET_TICKS = 3

/**
 * What happens to connections when the server closes. No new one is taken from then on, and every answer says that its
 * connection closes. An idle one is closed when no request has come on any for a moment, and not at once, as Node does by
 * itself: a client that asks one thing after another has its next request under way, perhaps unread in a buffer of the
 * kernel's, while the connection looks idle from here, and would lose it. Ticks instead of a time, because a machine that
 * is slow to us is slow to our clients.
 */
export function drainConnections(app: FastifyInstance): void {
  let timer: NodeJS.Timeout | undefined
  app.addHook('preClose', (done) => {
    const { server } = app
    if (!server.listening) return done()
    // The listener alone: the close of an HTTP server would end what is idle, too. Fastify calls that one when we are done.
    TcpServer.prototype.close.call(server)
    server.getConnections((_error, count) => {
      if (count === 0) return done()
      let quiet = 0
      server.on('request', () => {
        quiet = 0
      })
      timer = setInterval(() => {
        quiet += 1
        if (quiet < QUIET_TICKS) return
        clearInterval(timer)
        server.closeIdleConnections()
        // One that is busy goes back to keep-alive afterwards, and would hold up the stop for its idle time.
        timer = setInterval(() => server.closeIdleConnections(), TICK_MS)
        done()
      }, TICK_MS)
    })
  })
  app.addHook('onClose', async () => clearInterval(timer))
}
