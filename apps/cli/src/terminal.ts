import type { Readable, Writable } from 'node:stream'

/** Streams, environment and clock of a run. */
export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: Writable & { readonly isTTY?: boolean }
  readonly env: Readonly<Record<string, string | undefined>>
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Milliseconds that a completion waits for the names of the server: by default one second. */
  readonly namesTimeoutMs?: number
  /** True with `--no-input`: the command must not prompt. */
  readonly isInputDisabled?: boolean
}

/** Returns whether prompts are possible. They use standard error, because standard output carries results. */
export const isInteractive = (terminal: Terminal): boolean => whyNotInteractive(terminal) === undefined

/** Returns why prompts are not possible; undefined if they are. */
export function whyNotInteractive(terminal: Terminal): string | undefined {
  if (terminal.isInputDisabled) return '--no-input is set'
  const ci = getVariable(terminal, 'CI')
  if (ci !== undefined && ci !== 'false') return 'CI is set'
  if (!terminal.stdin.isTTY) return 'standard input is not a terminal'
  return terminal.stderr.isTTY ? undefined : 'standard error is not a terminal'
}

/** Returns an environment variable without surrounding white space; an empty one counts as unset. */
export const getVariable = ({ env }: Pick<Terminal, 'env'>, name: string): string | undefined =>
  env[name]?.trim() || undefined
