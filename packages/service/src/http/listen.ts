import { StartupError } from '../process/startup-error.ts'
import { rootOf } from './faults.ts'
import type { Server } from './server.ts'

/**
 * Listens, or says which variable to change: `portVariable` is where the port is from.
 * @throws StartupError with one line that says what to do
 */
export async function listen(server: Server, { host, port, portVariable }: ListenOptions): Promise<void> {
  try {
    await server.listen({ host, port })
  } catch (error) {
    const line = describeHostError(error) ?? describeListenError(error, portVariable)
    throw line === undefined ? error : new StartupError(line, { cause: error })
  }
}

export interface ListenOptions {
  readonly host: string
  readonly port: number
  readonly portVariable: 'PORT' | 'METRICS_PORT'
}

/** Why a server could not listen, naming the variable to change; undefined where `error` is of something else. */
export function describeListenError(error: unknown, portVariable = 'PORT'): string | undefined {
  const { code, syscall, port, address } = rootOf(error)
  if (syscall !== 'listen') return undefined
  if (code === 'EADDRINUSE') {
    return `port ${port} is taken: stop what listens there, or choose another with ${portVariable}`
  }
  if (code === 'EACCES') {
    return `port ${port} may not be listened on by this user: choose one above 1023 with ${portVariable}`
  }
  if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') {
    return `address ${address} is not of this machine: set HOST to one that is, such as 127.0.0.1 or 0.0.0.0`
  }
  return undefined
}

/** A name was looked up to listen on it: nothing else is resolved here. */
function describeHostError(error: unknown): string | undefined {
  const { code, syscall } = rootOf(error)
  if (syscall !== 'getaddrinfo') return undefined
  return `HOST cannot be resolved (${code}): set it to an address of this machine, such as 127.0.0.1, 0.0.0.0 or ::1 (without brackets)`
}
