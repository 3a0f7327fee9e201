/** Why a command could not do what it was told, in words for people: exit code 1. */
export class Failure extends Error {
  override readonly name: string = 'Failure'
  /** What to do next. */
  readonly hint: string | undefined

  constructor(message: string, { hint, cause }: { hint?: string | undefined; cause?: unknown } = {}) {
    super(message, { cause })
    this.hint = hint
  }
}

/** The command line itself is wrong, and nothing was asked of anybody: exit code 2. */
export class UsageError extends Failure {
  override readonly name = 'UsageError'
}
