import type { Readable, Writable } from 'node:stream'

/** All that a run of the command sees of the outside: its streams, its environment and the time. */
export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: Writable & { readonly isTTY?: boolean }
  readonly env: Readonly<Record<string, string | undefined>>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Whether somebody sits there who can be asked. Questions go to standard error: standard output is for the answer. */
export const isInteractive = ({ stdin, stderr }: Terminal): boolean => stdin.isTTY === true && stderr.isTTY === true

/** An environment variable without the white space around it, such as a file's last newline; an empty one is not set. */
export const variable = ({ env }: Pick<Terminal, 'env'>, name: string): string | undefined =>
  env[name]?.trim() || undefined
