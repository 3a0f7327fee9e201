import { sql } from 'drizzle-orm'
import { insertApiKey, type NewApiKey, type NewSecret } from './api-key-changes.ts'
import { type AuditEntry, inAudit } from './audit.ts'
import type { Database, Queryable } from './client.ts'
import type { OrganizationId, UserId } from './id.ts'
import { insertOrganization } from './organizations.ts'
import { users } from './schema/users.ts'
import { type CreatedUser, insertUser, type NewUser, normalizeEmail } from './users.ts'

/** What an empty installation begins with. The ids are given, because they are told of before they are in the database. */
export interface Beginning {
  readonly owner: NewUser & { readonly userId: UserId }
  /** The shared organization; the personal one comes with the owner. */
  readonly organization: { readonly id: OrganizationId; readonly name: string }
  readonly apiKey: Pick<NewApiKey, 'id' | 'name' | 'permissions'>
  readonly secret: NewSecret
}

/** True once anybody has an account: the first run is over. */
export async function hasUsers(db: Queryable): Promise<boolean> {
  return (await db.select({ id: users.id }).from(users).limit(1)).length > 0
}

/**
 * Makes the first account, its organizations and its key, all or nothing. False when there is an account already: of
 * several processes that begin at once one does it, under an advisory lock.
 */
export function makeBeginning(db: Database, beginning: Beginning): Promise<boolean> {
  const { owner, organization, apiKey, secret } = beginning
  return inAudit<CreatedUser | undefined>(
    db,
    (made) => (made ? entriesOf(beginning, made.organizationId) : []),
    async (tx) => {
      await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtext('daytona_auth first run'))`)
      if (await hasUsers(tx)) return undefined
      const created = await insertUser(tx, owner)
      if (!created) throw new Error('the first account was not inserted')
      await insertOrganization(tx, organization.id, { name: organization.name, createdBy: owner.userId })
      await insertApiKey(
        tx,
        organization.id,
        { ...apiKey, userId: owner.userId, expiresAt: null, organizationIds: [] },
        secret,
      )
      return created
    },
  ).then((made) => made !== undefined)
}

function entriesOf({ owner, organization, apiKey }: Beginning, personal: OrganizationId): AuditEntry[] {
  const actor = { actorId: owner.userId, actorEmail: normalizeEmail(owner.email), source: 'system' }
  return [
    { ...actor, organizationId: personal, action: 'user.create', targetType: 'user', targetId: owner.userId },
    {
      ...{ ...actor, organizationId: organization.id },
      ...{ action: 'organization.create', targetType: 'organization', targetId: organization.id },
    },
    {
      ...{ ...actor, organizationId: organization.id },
      ...{ action: 'api_key.create', targetType: 'api_key', targetId: apiKey.id },
      metadata: { keyId: apiKey.id, keyName: apiKey.name, permissions: apiKey.permissions, expiresAt: null },
    },
  ]
}
