import { rootOf } from '../http/faults.ts'

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
