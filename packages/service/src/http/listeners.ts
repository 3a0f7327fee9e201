import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { createServer, type Server as TcpServer } from 'node:net'
import type { FastifyInstance } from 'fastify'

const additional = new WeakMap<TcpServer, TcpServer[]>()

/** Errors of an address that this machine does not have, such as `::1` where IPv6 is off. */
const NO_ADDRESS = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'])

/** What Node sets for the connections of an HTTP server. */
const HTTP_SOCKETS = { allowHalfOpen: true, noDelay: true }

/** Returns every listener of a server, that of `app.server` first. */
export const listenersOf = ({ server }: FastifyInstance): readonly TcpServer[] => [
  server,
  ...(additional.get(server) ?? []),
]

/**
 * Listens on `port` of every address. Fastify does that for the host `localhost` alone, with a second HTTP server that its
 * hooks do not reach and that closes as soon as the first one has no connection. Here the connections of every listener
 * belong to `app.server`, which answers, limits and drains them alike.
 */
export async function listenOnEach(
  app: FastifyInstance,
  [first = '127.0.0.1', ...others]: readonly string[],
  port: number,
): Promise<void> {
  await app.listen({ host: first, port })
  const bound = app.server.address()
  if (bound === null || typeof bound === 'string') return
  for (const host of others) {
    const listener = createServer(HTTP_SOCKETS, (socket) => void app.server.emit('connection', socket))
    try {
      listener.listen({ host, port: bound.port })
      await once(listener, 'listening')
    } catch (error) {
      if (error instanceof Error && 'code' in error && NO_ADDRESS.has(String(error.code))) continue
      throw error
    }
    additional.set(app.server, [...listenersOf(app).slice(1), listener])
  }
}

/** Returns the addresses to listen on for `host`: every one of `localhost`, which are two on most machines. */
export async function addressesOf(host: string): Promise<readonly string[]> {
  if (host !== 'localhost') return [host]
  const addresses = await lookup(host, { all: true })
  return [...new Set(addresses.map(({ address }) => address))]
}
