import { listUsers, type UserSearch } from '@daytona-auth/db/users'
import type { Environment } from '@daytona-auth/service'
import { loadDatabaseConfig } from '../config.ts'
import { withDatabase } from '../database.ts'
import type { Output } from '../output.ts'
import { lineOf, requireUser, shown } from './shown.ts'

export interface ListAccountsOptions {
  readonly search?: string | undefined
  readonly status?: UserSearch['status']
  readonly limit: number
  /** The id or address of the account after which the list begins. */
  readonly after?: string | undefined
}

/**
 * Prints accounts, newest first, and on standard error how to list the next ones.
 * @throws NegativeResult if the account of `after` does not exist
 */
export async function listAccounts(
  env: Environment,
  output: Output,
  { search: text, status, limit, after }: ListAccountsOptions,
): Promise<void> {
  const { rows, next } = await withDatabase(loadDatabaseConfig(env), output, async (database) => {
    const previous = after === undefined ? undefined : await requireUser(database, after)
    return listUsers(database, { text, status }, { limit, after: previous && { value: null, id: previous.id } })
  })
  const users = rows.map(shown)
  await output.answer({ users }, users.length > 0 ? users.map(lineOf).join('\n') : 'there are no such accounts')
  if (next) output.note(`there are more: continue with --after ${next.id}`)
}
