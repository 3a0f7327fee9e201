import { once } from 'node:events'
import { createServer } from 'node:net'

/** Returns an unused port of 127.0.0.1, for a process that needs a port number. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}
