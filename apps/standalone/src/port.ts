import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Rejects, as listening would, when the port cannot be had. Asked before anything is made, so that a taken port does
 * not leave a first run behind that nobody saw; the server that listens in the end is told again.
 */
export async function requireFreePort(host: string, port: number): Promise<void> {
  const server = createServer()
  server.listen({ host, port })
  await once(server, 'listening')
  server.close()
  await once(server, 'close')
}
