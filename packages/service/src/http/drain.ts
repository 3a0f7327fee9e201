import { Server as TcpServer } from 'node:net'
import type { FastifyInstance } from 'fastify'

const TICK_MS = 20
/** Ticks without a request after which idle connections are closed. */
const QUIET_TICKS = 3

/**
 * Drains connections when the server closes. New connections are refused, and every response announces that its connection
 * closes. Idle connections are closed once no request has arrived on any connection for a few ticks.
 *
 * Node closes idle connections immediately. A client that sends requests in sequence would then lose its next one, which
 * may already be in a buffer of the kernel while the connection looks idle. The wait is counted in ticks of the event loop
 * and not in milliseconds, because a machine that is slow for the server is slow for its clients as well.
 */
export function drainConnections(app: FastifyInstance): void {
  let timer: NodeJS.Timeout | undefined
  app.addHook('preClose', (done) => {
    const { server } = app
    if (!server.listening) return done()
    // Closes only the listener: closing the HTTP server would close idle connections, too. Fastify does that after `done`.
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
        // A busy connection returns to keep-alive afterwards and would delay shutdown by its idle timeout.
        timer = setInterval(() => server.closeIdleConnections(), TICK_MS)
        done()
      }, TICK_MS)
    })
  })
  app.addHook('onClose', async () => clearInterval(timer))
}
