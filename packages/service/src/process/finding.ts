/** The result of a check at startup or by `daytona-auth doctor`. Contains no secrets. */
export interface Finding {
  /** The name of the check, in a word or two. */
  readonly check: string
  /** `warning`: works, but needs the operator's attention. */
  readonly severity: 'ok' | 'warning' | 'error'
  /** The state that was found, with the variable that determines it. */
  readonly what: string
  /** What to do about it. Absent if all is well. */
  readonly remedy?: string
  /** Whether the error is transient. */
  readonly mayPass?: boolean
}

/** Returns the state and its remedy as one line for the operator. */
export const lineOf = ({ what, remedy }: Finding): string => (remedy === undefined ? what : `${what}: ${remedy}`)
