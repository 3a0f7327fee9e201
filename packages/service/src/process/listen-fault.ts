import { rootOf } from '../http/faults.ts'

/** Describes why a server could not listen, with the variable to change; undefined if `error` has another cause. */
export function describeListenError(error: unknown, portVariable = 'PORT'): string | undefined {
  const { code, syscall, port, address } = rootOf(error)
  if (syscall !== 'listen') return undefined
  if (code === 'EADDRINUSE') {
    return `port ${port} is in use: stop the process that listens there, or choose another with ${portVariable}`
  }
  if (code === 'EACCES') {
    return `this user may not listen on port ${port}: choose one above 1023 with ${portVariable}`
  }
  if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') {
    return `this machine does not have the address ${address}: set HOST to one that it has, such as 127.0.0.1 or 0.0.0.0`
  }
  return undefined
}
