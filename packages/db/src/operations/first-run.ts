import { sql } from 'drizzle-orm'
import { insertApiKey, type NewApiKey, type NewSecret } from '../api-keys/changes.ts'
import { INITIAL_SETUP, SIGN_UP } from '../audit/authority.ts'
import { type AuditEntry, type AuditedTx, auditEntry, inAudit } from '../audit/entries.ts'
import type { Database, Queryable } from '../core/client.ts'
import { normalizeEmail } from '../core/email-address.ts'
import type { OrganizationId, UserId } from '../core/id.ts'
import { insertOrganization } from '../organizations/organizations.ts'
import { users } from '../schema/users.ts'
import { type CreatedUser, insertUser, type NewUser } from '../users/users.ts'

export interface SharedOrganization {
  readonly id: OrganizationId
  readonly name: string
}

/** The first account of a person, with its personal organization and optionally a shared one. */
export interface OwnerSetup {
  readonly owner: NewUser
  readonly organization?: SharedOrganization | undefined
}

/** The first data of an empty installation. The ids are given: they are announced before they are in the database. */
export interface InitialSetup extends OwnerSetup {
  readonly owner: NewUser & { readonly userId: UserId }
  readonly organization: SharedOrganization
  readonly apiKey: Pick<NewApiKey, 'id' | 'name' | 'permissions'>
  readonly secret: NewSecret
}

/** Whether there is any account: then the first run is complete. */
export async function hasUsers(db: Queryable): Promise<boolean> {
  return (await db.select({ id: users.id }).from(users).limit(1)).length > 0
}

/**
 * Creates the first account, its organizations and its key in one transaction. Returns false if there is an account already.
 * An advisory lock ensures that only one of several concurrent processes does it.
 */
export function runInitialSetup(db: Database, setup: InitialSetup): Promise<boolean> {
  const { owner, organization, apiKey, secret } = setup
  return inAudit<CreatedUser | undefined>(
    db,
    INITIAL_SETUP,
    (made) => (made ? [...entriesOf(setup, made, 'system'), keyEntryOf(setup)] : []),
    async (tx) => {
      await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtext('daytona_auth first run'))`)
      if (await hasUsers(tx)) return undefined
      const created = await insertOwner(tx, owner, organization)
      if (!created) throw new Error('the first account was not inserted')
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

/**
 * Creates an account with its personal organization and, if given, a shared organization that it owns. Undefined, without
 * any change, if the address is taken.
 *
 * @param source the origin, for the audit event
 */
export function createOwner(db: Database, setup: OwnerSetup, source: string): Promise<CreatedUser | undefined> {
  return inAudit<CreatedUser | undefined>(
    db,
    SIGN_UP,
    (made) => (made ? entriesOf(setup, made, source) : []),
    (tx) => insertOwner(tx, setup.owner, setup.organization),
  )
}

async function insertOwner(
  tx: AuditedTx,
  owner: NewUser,
  organization: SharedOrganization | undefined,
): Promise<CreatedUser | undefined> {
  const created = await insertUser(tx, owner)
  if (!created || !organization) return created
  await insertOrganization(tx, organization.id, { name: organization.name, createdBy: created.userId })
  return created
}

function entriesOf({ owner, organization }: OwnerSetup, made: CreatedUser, source: string): AuditEntry[] {
  const actor = { actorId: made.userId, actorEmail: normalizeEmail(owner.email), source }
  const entries: AuditEntry[] = [
    auditEntry('user.create', {
      ...actor,
      organizationId: made.organizationId,
      targetId: made.userId,
      metadata: {},
    }),
  ]
  if (!organization) return entries
  const shared = { ...actor, organizationId: organization.id }
  return [...entries, auditEntry('organization.create', { ...shared, targetId: organization.id, metadata: {} })]
}

const keyEntryOf = ({ owner, organization, apiKey }: InitialSetup): AuditEntry =>
  auditEntry('api_key.create', {
    actorId: owner.userId,
    actorEmail: normalizeEmail(owner.email),
    source: 'system',
    organizationId: organization.id,
    targetId: apiKey.id,
    metadata: { keyId: apiKey.id, keyName: apiKey.name, permissions: apiKey.permissions, expiresAt: null },
  })
