/** Something that was looked at, at a start or by `daytona-auth doctor`. No secret is in it. */
export interface Finding {
  /** What was looked at, in a word or two. */
  readonly check: string
  /** `warning`: it works, and somebody should act all the same. */
  readonly severity: 'ok' | 'warning' | 'error'
  /** What is so, with the variable that it hangs on. */
  readonly what: string
  /** What to do about it; nothing where it is well. */
  readonly remedy?: string
  /** True of an error that may pass by itself. */
  readonly mayPass?: boolean
}

/** What is so and what to do about it, as one line for a person. */
export const lineOf = ({ what, remedy }: Finding): string => (remedy === undefined ? what : `${what}: ${remedy}`)
