import { rootOf } from '../http/faults.ts'
import { addressesOf, listenOnEach } from '../http/listeners.ts'
import type { Server } from '../http/server.ts'
import { describeListenError } from './listen-fault.ts'
import { StartupError } from './startup-error.ts'

/**
 * Listens. `portVariable` is the variable that the port comes from, for the error message.
 * @throws StartupError with one line that says what to do
 */
export async function listen(server: Server, { host, port, portVariable }: ListenOptions): Promise<void> {
  try {
    await listenOnEach(server, await addressesOf(host), port)
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

/** Describes a failed look-up of HOST, the only name that is resolved for listening. */
function describeHostError(error: unknown): string | undefined {
  const { code, syscall } = rootOf(error)
  if (syscall !== 'getaddrinfo') return undefined
  return `HOST cannot be resolved (${code}): set it to an address of this machine, such as 127.0.0.1, 0.0.0.0 or ::1 (without brackets)`
}
