/** An error of a command, in words for users: exit code 1. */
export class Failure extends Error {
  override readonly name: string = 'Failure'
  /** What to do next. */
  readonly hint: string | undefined

  constructor(message: string, { hint, cause }: { hint?: string | undefined; cause?: unknown } = {}) {
    super(message, { cause })
    this.hint = hint
  }
}

/** An invalid command line, found before any request: exit code 2. */
export class UsageError extends Failure {
  override readonly name = 'UsageError'
}
