import { findFactorReset, readUserAccess } from '@daytona-auth/db/users'
import type { Environment } from '@daytona-auth/service'
import { loadDatabaseConfig } from '../config.ts'
import { withDatabase } from '../database.ts'
import type { Output } from '../output.ts'
import { counted, lineOf, requireUser, shown } from './shown.ts'

/** Prints an account and what it can reach. @throws NegativeResult if it does not exist */
export async function showAccount(env: Environment, output: Output, idOrEmail: string): Promise<void> {
  const { row, access, reset } = await withDatabase(loadDatabaseConfig(env), output, async (database) => {
    const found = await requireUser(database, idOrEmail)
    const access = await readUserAccess(database, found.id)
    return { row: found, access, reset: await findFactorReset(database, found.id) }
  })
  const user = shown(row)
  const factorsRemovedAt = reset?.endsAt.toISOString() ?? null
  const lines = [
    lineOf(user),
    `created ${user.createdAt}`,
    user.disabledAt !== null && `disabled ${user.disabledAt}`,
    factorsRemovedAt !== null && `reported its second factors lost: they are removed ${factorsRemovedAt}`,
    `personal organization ${access.personalOrganizationId ?? 'none'}`,
    ...access.organizations.map(({ id, name, role }) => `${role} of ${id}  ${JSON.stringify(name)}`),
    `${counted(access.sessions, 'session')}, ${counted(access.grants, 'grant')}, ${counted(access.activeApiKeys, 'active API key')}`,
  ]
  await output.answer({ ...user, ...access, factorsRemovedAt }, lines.filter((line) => line !== false).join('\n'))
}
