import { type Database, inAudit, insertOrganization, newId, type OrganizationRow, type UserId } from '@daytona-auth/db'
import type { Caller } from '../../caller.ts'

export interface OrganizationDependencies {
  readonly database: Database
  /** Makes this process ask the database again for what a user may do. */
  readonly forgetUser: (id: UserId) => void
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Makes an organization that the caller owns. The caller's tokens reach it from now on. */
export async function create(
  { database, forgetUser }: OrganizationDependencies,
  { principal, actor }: Caller,
  name: string,
): Promise<OrganizationRow> {
  const id = newId('org')
  const entry = {
    ...actor,
    organizationId: id,
    action: 'organization.create',
    targetType: 'organization',
    targetId: id,
    statusCode: 201,
    metadata: { name },
  }
  const row = await inAudit(database, entry, (tx) => insertOrganization(tx, id, { name, createdBy: principal.userId }))
  forgetUser(principal.userId)
  return row
}
