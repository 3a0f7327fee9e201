import { rootOf } from '../http/faults.ts'
import type { Server } from '../http/server.ts'
import { describeListenError } from './listen-fault.ts'
import { StartupError } from './startup-error.ts'

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

/** A name was looked up to listen on it: nothing else is resolved here. */
function describeHostError(error: unknown): string | undefined {
  const { code, syscall } = rootOf(error)
  if (syscall !== 'getaddrinfo') return undefined
  return `HOST cannot be resolved (${code}): set it to an address of this machine, such as 127.0.0.1, 0.0.0.0 or ::1 (without brackets)`
}
