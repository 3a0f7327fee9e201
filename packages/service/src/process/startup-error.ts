import { ConfigError } from '../config/config.ts'
import { rootOf } from '../http/faults.ts'
import { redactText } from '../observability/redaction.ts'
import { databaseFault } from './database-fault.ts'
import { lineOf } from './finding.ts'
import { describeListenError } from './listen-fault.ts'

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
  const { code, path } = rootOf(error)
  const refused = describeListenError(error)
  if (refused) return refused
  if (path && (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')) {
    return `${path} may not be written or read by this user (${code}): change its owner, or choose another place`
  }
  if (path && code === 'ENOSPC') return `${path} cannot be written: the disk is full`
  const fault = databaseFault(error)
  if (fault) return lineOf(fault)
  return redactText(error instanceof Error ? (error.stack ?? error.message) : String(error))
}
