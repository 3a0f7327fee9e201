import type { Readable, Writable } from 'node:stream'
import type { Environment } from '@daytona-auth/service'

/** All that a run sees of the outside: what `process` is, or a stand-in for it in a test. */
export interface Host {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable
  readonly stderr: Writable
  readonly env: Environment
  /** What the process will end with. A command that finds something amiss sets it when it has said what. */
  exitCode?: number | string | null | undefined
}

/** How a run ends, as grep and diff have it, so that a script can tell a no from not knowing. */
export const EXIT = {
  done: 0,
  /** It was looked at, and the answer is no: a broken chain, an account that is there already. */
  no: 1,
  /** It could not be done: arguments, environment, database. */
  trouble: 2,
} as const
