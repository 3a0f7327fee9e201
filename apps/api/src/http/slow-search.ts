import { unprocessable } from '@daytona-auth/service'

/**
 * Returns a handler of rejections for a search: 422 for a statement that the database cancelled at its `statement_timeout`.
 * `remedy` says how to narrow the search.
 */
export const denySlowSearch =
  (remedy: string) =>
  (error: unknown): never => {
    throw isCancelled(error) ? unprocessable('search_too_slow', `The search takes too long: ${remedy}`) : error
  }

/** Whether PostgreSQL cancelled the statement (SQLSTATE 57014, query_canceled). */
const isCancelled = (error: unknown): boolean =>
  error instanceof Error && (('code' in error && error.code === '57014') || isCancelled(error.cause))
