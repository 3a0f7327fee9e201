import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { Server as TcpServer } from 'node:net'
import { promisify } from 'node:util'
import type { FastifyInstance } from 'fastify'
import { listenersOf } from './listeners.ts'

const TICK_MS = 20
/** Ticks without a request after which idle connections are closed. */
const QUIET_TICKS = 3
/** How many connections a server accepts at most after it began to close: as many as the kernel holds for it (Node's default). */
const MAX_ACCEPTED = 511
/** How long it accepts them at most. An iteration that answers 64 clients takes up to 100 ms on a loaded machine. */
const ACCEPT_MS = 4_000

const draining = new WeakSet<TcpServer>()

const delays = new WeakMap<TcpServer, number>()

/**
 * Sets how long idle connections stay open once the server closes, in milliseconds; 0 by default. A process that stops behind
 * a proxy needs it, a server that is closed by its own clients does not.
 */
export function setDrainDelay({ server }: FastifyInstance, ms: number): void {
  delays.set(server, ms)
}

/** Whether the server has begun to close. Then it is not ready for further clients, and still answers those it has. */
export const isDraining = ({ server }: FastifyInstance): boolean => draining.has(server)

/**
 * Drains connections when the server closes. First the listeners are closed. From then on new connections are refused, and
 * responses announce that their connection closes. A connection without a request during the delay of `setDrainDelay` is
 * closed last, once no request has arrived on any connection for a few ticks.
 *
 * Fastify announces the end of connections from the beginning. While the listener is open, that makes every client connect
 * again. The kernel establishes these connections faster than an iteration accepts them, and resets the rest with the
 * listener: of 64 clients up to 64 lost a request. Therefore connections stay open until the listener is closed.
 *
 * Node closes idle connections immediately. A client that sends requests in sequence would then lose its next one, which
 * may already be in a buffer of the kernel while the connection looks idle. That wait is counted in ticks of the event loop
 * and not in milliseconds, because a machine that is slow for the server is slow for its clients as well.
 *
 * A proxy keeps idle connections for its next requests, and uses the one that was idle for the shortest time. What it has
 * not used during the delay is unlikely to be used at the moment in which it is closed.
 *
 * A proxy does not repeat a POST on another server once it has sent it. Therefore neither the listener nor an idle
 * connection is closed before the event loop has polled and found nothing to accept or to read: what is left is the rest of
 * that iteration.
 */
export function drainConnections(app: FastifyInstance): void {
  let timer: NodeJS.Timeout | undefined
  /** The responses of requests that arrive between the beginning of the close and that of the listeners. */
  let kept: Set<ServerResponse> | undefined
  app.addHook('onRequest', (_request, reply, next) => {
    if (kept) {
      reply.raw.removeHeader('connection')
      kept.add(reply.raw)
    }
    next()
  })
  app.addHook('preClose', async () => {
    const { server } = app
    draining.add(server)
    if (!server.listening) return
    const listeners = listenersOf(app)
    kept = new Set()
    await untilNoneConnects(listeners)
    const closed = listeners.slice(1).map((listener) => once(listener, 'close'))
    // Closes only the listeners: closing the HTTP server would close idle connections, too. Fastify does that afterwards.
    for (const listener of listeners) TcpServer.prototype.close.call(listener)
    for (const response of kept) if (!response.headersSent) response.setHeader('connection', 'close')
    kept = undefined
    await untilIdle(app, listeners, delays.get(server) ?? 0)
    server.closeIdleConnections()
    // A busy connection returns to keep-alive afterwards and would delay shutdown by its idle timeout.
    timer = setInterval(() => server.closeIdleConnections(), TICK_MS)
    // Fastify waits for the connections of its own listener.
    await Promise.all(closed)
  })
  app.addHook('onClose', async () => clearInterval(timer))
}

/** Resolves when there is no connection, or `delayMs` have passed and no request arrived for a few ticks. */
async function untilIdle({ server }: FastifyInstance, listeners: readonly TcpServer[], delayMs: number): Promise<void> {
  const endsAt = performance.now() + delayMs
  const { promise, resolve } = Promise.withResolvers<void>()
  let quiet = 0
  const onRequest = () => {
    quiet = 0
  }
  const tick = async () => {
    quiet += 1
    const counts = await Promise.all(listeners.map(countConnections))
    const isEmpty = counts.every((count) => count === 0)
    if (isEmpty || (quiet >= QUIET_TICKS && performance.now() >= endsAt)) resolve()
  }
  server.on('request', onRequest)
  await tick()
  // After a stall, timers are due before the requests that arrived during it are read. An immediate runs after them.
  const timer = setInterval(() => setImmediate(tick), TICK_MS)
  await promise
  clearInterval(timer)
  server.off('request', onRequest)
}

const countConnections = (listener: TcpServer): Promise<number> =>
  promisify<number>((done) => listener.getConnections(done))()

/**
 * Resolves after an iteration of the event loop in which no connection was accepted. The kernel resets connections that it
 * has established and the process has not accepted, and an iteration accepts one of them.
 */
function untilNoneConnects(listeners: readonly TcpServer[]): Promise<void> {
  const deadline = performance.now() + ACCEPT_MS
  const { promise, resolve } = Promise.withResolvers<void>()
  let hasAccepted = true
  let accepted = 0
  const onConnection = () => {
    hasAccepted = true
    accepted += 1
  }
  for (const listener of listeners) listener.on('connection', onConnection)
  const check = () => {
    if (hasAccepted && accepted < MAX_ACCEPTED && performance.now() < deadline) {
      hasAccepted = false
      setImmediate(check)
      return
    }
    for (const listener of listeners) listener.off('connection', onConnection)
    resolve()
  }
  setImmediate(check)
  return promise
}
