import { ConfigError } from '../config/config.ts'
import { rootOf } from '../http/faults.ts'
import { redactText } from '../observability/redaction.ts'
import { databaseFault } from './database-fault.ts'
import { lineOf } from './finding.ts'
import { describeListenError } from './listen-fault.ts'

/** A failed startup with a known cause. The message is one line that says what to do. */
export class StartupError extends Error {
  override readonly name = 'StartupError'
}

/**
 * Describes a failed startup for the operator: one line with the remedy for a known cause, the stack otherwise. Contains
 * no secrets.
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
