import type { Readable, Writable } from 'node:stream'
import type { Environment } from '@daytona-auth/service'

/** The environment of a run: `process`, or a test double. */
export interface Host {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable
  readonly stderr: Writable
  readonly env: Environment
  /** The exit code of the process. A command that reports a negative result sets it. */
  exitCode?: number | string | null | undefined
}

/** Exit codes, as of grep and diff: a script can distinguish a negative result from a failure. */
export const EXIT = {
  done: 0,
  /** A negative result: a broken chain, an account that already exists. */
  no: 1,
  /** A failure: arguments, environment, database. */
  trouble: 2,
} as const
