import { ConfigError } from './config.ts'
import { isUnavailable } from './faults.ts'
import { redactText } from './redaction.ts'

/** A process cannot start, for a reason that we understand. The message is one line that says what to do. */
export class StartupError extends Error {
  override readonly name = 'StartupError'
}

/**
 * What to tell a person whose process did not start: one line that says what to do where we know it, the stack where
 * we do not. It holds no secret.
 */
export function describeStartupError(error: unknown): string {
  if (error instanceof ConfigError || error instanceof StartupError) return error.message
  const { code, syscall, port, address, path } = rootOf(error)
  if (syscall === 'listen' && code === 'EADDRINUSE') {
    return `port ${port} is taken: stop what listens there, or choose another with PORT`
  }
  if (syscall === 'listen' && code === 'EACCES') {
    return `port ${port} may not be listened on by this user: choose one above 1023 with PORT`
  }
  if (syscall === 'listen' && code === 'EADDRNOTAVAIL') {
    return `address ${address} is not of this machine: set HOST to one that is, such as 127.0.0.1 or 0.0.0.0`
  }
  if (path && (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')) {
    return `${path} may not be written or read by this user (${code}): change its owner, or choose another place`
  }
  if (path && code === 'ENOSPC') return `${path} cannot be written: the disk is full`
  if (code === '3D000') return 'the database of DATABASE_URL does not exist: create it, or correct the name'
  if (code?.startsWith('28')) return 'the database refused the user or password of DATABASE_URL'
  if (isUnavailable(error)) {
    return `the database cannot be reached (${code ?? 'no answer'}): check that it runs and that DATABASE_URL is right`
  }
  return redactText(error instanceof Error ? (error.stack ?? error.message) : String(error))
}

interface Fault {
  code?: string
  syscall?: string
  port?: number
  address?: string
  path?: string
}

/** The innermost error that has a code: wrappers have none, or one of their own. */
function rootOf(error: unknown): Fault {
  let found: Fault = {}
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 8; depth += 1) {
    if ('code' in at) found = at as Fault
    at = at instanceof AggregateError ? at.errors[0] : at.cause
  }
  return found
}
