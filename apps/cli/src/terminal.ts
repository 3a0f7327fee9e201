import type { Readable, Writable } from 'node:stream'

/** Streams, environment and clock of a run. */
export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: Writable & { readonly isTTY?: boolean }
  readonly env: Readonly<Record<string, string | undefined>>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Returns whether prompts are possible. They use standard error, because standard output carries results. */
export const isInteractive = ({ stdin, stderr }: Terminal): boolean => stdin.isTTY === true && stderr.isTTY === true

/** Returns an environment variable without surrounding white space; an empty one counts as unset. */
export const getVariable = ({ env }: Pick<Terminal, 'env'>, name: string): string | undefined =>
  env[name]?.trim() || undefined
