import { unprocessable } from '@daytona-auth/service'
import { hasSqlState } from '@daytona-auth/service/sql-state'

/**
 * Returns a handler of rejections for a search: 422 for a statement that the database cancelled at its `statement_timeout`.
 * `remedy` says how to narrow the search.
 */
export const denySlowSearch =
  (remedy: string) =>
  (error: unknown): never => {
    throw hasSqlState(error, 'query_canceled')
      ? unprocessable('search_too_slow', `The search takes too long: ${remedy}`)
      : error
  }
