import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Rejects, as `listen` does, if the port is not available. It is checked before anything is created, so that a taken
 * port does not leave a first run behind whose credentials were never shown. The API's own `listen` checks again.
 */
export async function requireFreePort(host: string, port: number): Promise<void> {
  const server = createServer()
  server.listen({ host, port })
  await once(server, 'listening')
  server.close()
  await once(server, 'close')
}
