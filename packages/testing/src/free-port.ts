import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Below the ports that Linux and macOS give to port 0 and to outgoing connections, so that no other test takes one between its
 * choice and its use, and none that a test stops and starts again. Above 10080, the highest port that `fetch` refuses.
 */
const FIRST = 11_000
const LAST = 32_767

/** Each process counts from a place of its own: two would have to count past the same port at the same moment. */
let next = randomInt(FIRST, LAST + 1)

/** Returns an unused port of 127.0.0.1, for a server that must know its port before it listens. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries <= LAST - FIRST; tries++) {
    const port = next
    next = next === LAST ? FIRST : next + 1
    if (await isFree(port)) return port
  }
  throw new Error(`no port from ${FIRST} to ${LAST} is free`)
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false
    throw error
  }
  server.close()
  await once(server, 'close')
  return true
}
