import type { ServerResponse } from 'node:http'
import { Server as TcpServer } from 'node:net'
import type { FastifyInstance } from 'fastify'

const TICK_MS = 20
/** Ticks without a request after which idle connections are closed. */
const QUIET_TICKS = 3
/** How many connections a server accepts at most after it began to close: as many as the kernel holds for it (Node's default). */
const MAX_ACCEPTED = 511
/** How long it accepts them at most. An iteration that answers 64 clients takes up to 100 ms on a loaded machine. */
const ACCEPT_MS = 4_000

/**
 * Drains connections when the server closes. First the listener is closed. From then on new connections are refused, and
 * responses announce that their connection closes. Idle connections are closed once no request has arrived on any
 * connection for a few ticks.
 *
 * Fastify announces the end of connections from the beginning. While the listener is open, that makes every client connect
 * again. The kernel establishes these connections faster than an iteration accepts them, and resets the rest with the
 * listener: of 64 clients up to 64 lost a request. Therefore connections stay open until the listener is closed.
 *
 * Node closes idle connections immediately. A client that sends requests in sequence would then lose its next one, which
 * may already be in a buffer of the kernel while the connection looks idle. The wait is counted in ticks of the event loop
 * and not in milliseconds, because a machine that is slow for the server is slow for its clients as well.
 *
 * A proxy does not repeat a POST on another server once it has sent it. Therefore neither the listener nor an idle
 * connection is closed before the event loop has polled and found nothing to accept or to read: what is left is the rest of
 * that iteration.
 */
export function drainConnections(app: FastifyInstance): void {
  let timer: NodeJS.Timeout | undefined
  /** The responses of requests that arrive between the beginning of the close and that of the listener. */
  let kept: Set<ServerResponse> | undefined
  app.addHook('onRequest', (_request, reply, next) => {
    if (kept) {
      reply.raw.removeHeader('connection')
      kept.add(reply.raw)
    }
    next()
  })
  app.addHook('preClose', (done) => {
    const { server } = app
    if (!server.listening) return done()
    kept = new Set()
    runOnceNoneConnects(server, () => {
      // Closes only the listener: closing the HTTP server would close idle connections, too. Fastify does that after `done`.
      TcpServer.prototype.close.call(server)
      for (const response of kept ?? []) if (!response.headersSent) response.setHeader('connection', 'close')
      kept = undefined
      server.getConnections((_error, count) => {
        if (count === 0) return done()
        let quiet = 0
        server.on('request', () => {
          quiet = 0
        })
        const tick = () => {
          quiet += 1
          if (quiet < QUIET_TICKS) return
          clearInterval(timer)
          server.closeIdleConnections()
          // A busy connection returns to keep-alive afterwards and would delay shutdown by its idle timeout.
          timer = setInterval(() => server.closeIdleConnections(), TICK_MS)
          done()
        }
        // After a stall, timers are due before the requests that arrived during it are read. An immediate runs after them.
        timer = setInterval(() => setImmediate(tick), TICK_MS)
      })
    })
  })
  app.addHook('onClose', async () => clearInterval(timer))
}

/**
 * Calls `close` after an iteration of the event loop in which no connection was accepted. The kernel resets connections that
 * it has established and the process has not accepted, and an iteration accepts one of them.
 */
function runOnceNoneConnects(server: TcpServer, close: () => void): void {
  const deadline = performance.now() + ACCEPT_MS
  let hasAccepted = true
  let accepted = 0
  const onConnection = () => {
    hasAccepted = true
    accepted += 1
  }
  server.on('connection', onConnection)
  const check = () => {
    if (hasAccepted && accepted < MAX_ACCEPTED && performance.now() < deadline) {
      hasAccepted = false
      setImmediate(check)
      return
    }
    server.off('connection', onConnection)
    close()
  }
  setImmediate(check)
}
