import { and, eq, sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import { domainOf } from '../core/email-address.ts'
import type { OrganizationId, UserId } from '../core/id.ts'
import { organizations } from '../schema/organizations.ts'
import { identityProviders, organizationDomains, organizationIdentities } from '../schema/single-sign-on.ts'
import { users } from '../schema/users.ts'
import { type EndedUserAccess, endIdentityAccess, lockAccount } from './account-changes.ts'
import { hasWayIn } from './ways-in.ts'

/** An account at the identity provider of an organization. */
export interface OrganizationIdentity {
  readonly organizationId: OrganizationId
  readonly issuer: string
  readonly subject: string
}

export interface LinkedOrganizationIdentity {
  readonly organizationId: OrganizationId
  readonly organizationName: string
  readonly issuer: string
  /** Whether the organization still has the provider with that issuer. */
  readonly isOffered: boolean
  /** Whether the next sign-in makes the user a member, unless the quota of members is reached. */
  readonly awaitsMembership: boolean
  readonly createdAt: Date
  readonly lastUsedAt: Date | null
}

/** Finds the user that an identity of an organization is linked to, also after the organization lost its authority. */
export async function findUserOfOrganizationIdentity(
  db: Queryable,
  identity: OrganizationIdentity,
): Promise<UserId | undefined> {
  const [row] = await db
    .select({ userId: organizationIdentities.userId })
    .from(organizationIdentities)
    .where(is(identity))
  return row?.userId
}

/** Lists the identities of a user at the providers of organizations, one of each organization. */
export const listOrganizationIdentities = (db: Queryable, userId: UserId): Promise<LinkedOrganizationIdentity[]> =>
  db
    .select({
      organizationId: organizationIdentities.organizationId,
      organizationName: organizations.name,
      issuer: organizationIdentities.issuer,
      isOffered: sql<boolean>`${identityProviders.organizationId} IS NOT NULL`,
      awaitsMembership: sql<boolean>`(${identityProviders.newMemberRoleIds} IS NOT NULL
        AND NOT EXISTS (SELECT FROM organization_members member
          WHERE member.organization_id = ${organizationIdentities.organizationId} AND member.user_id = ${userId})
        AND NOT EXISTS (SELECT FROM removed_members removed
          WHERE removed.organization_id = ${organizationIdentities.organizationId} AND removed.user_id = ${userId}))`,
      createdAt: organizationIdentities.createdAt,
      lastUsedAt: organizationIdentities.lastUsedAt,
    })
    .from(organizationIdentities)
    .innerJoin(organizations, eq(organizations.id, organizationIdentities.organizationId))
    .leftJoin(
      identityProviders,
      and(
        eq(identityProviders.organizationId, organizationIdentities.organizationId),
        eq(identityProviders.issuer, organizationIdentities.issuer),
      ),
    )
    .where(eq(organizationIdentities.userId, userId))
    .orderBy(organizationIdentities.createdAt, organizationIdentities.organizationId)

/** Whether an organization has verified the domain of an address. */
export async function ownsDomainOf(db: Queryable, organizationId: OrganizationId, email: string): Promise<boolean> {
  return (await db.$count(organizationDomains, owned(organizationId, email))) > 0
}

/** As `useIdentity`, for an identity of an organization. */
export async function useOrganizationIdentity(
  tx: AuditedTx,
  userId: UserId,
  identity: OrganizationIdentity,
): Promise<boolean> {
  if (!(await lockAuthority(tx, userId, identity))) return false
  const used = await tx
    .update(organizationIdentities)
    .set({ lastUsedAt: sql`now()` })
    .where(and(is(identity), eq(organizationIdentities.userId, userId)))
    .returning({ userId: organizationIdentities.userId })
  return used.length > 0
}

/** As `linkIdentity`, for an identity of an organization: in place of the one that the user had there. */
export async function linkOrganizationIdentity(
  tx: AuditedTx,
  userId: UserId,
  identity: OrganizationIdentity,
): Promise<boolean> {
  if (!(await lockAuthority(tx, userId, identity))) return false
  const { organizationId, issuer, subject } = identity
  if ((await findUserOfOrganizationIdentity(tx, identity)) !== undefined) return false
  await tx
    .delete(organizationIdentities)
    .where(and(eq(organizationIdentities.organizationId, organizationId), eq(organizationIdentities.userId, userId)))
  const linked = await tx
    .insert(organizationIdentities)
    .values({ organizationId, userId, issuer, subject })
    .onConflictDoNothing()
    .returning({ userId: organizationIdentities.userId })
  return linked.length > 0
}

/**
 * As `unlinkIdentity`, for the identity of an organization, and ends what it signed in. Returns the issuer and what ended, if
 * it was unlinked.
 */
export async function unlinkOrganizationIdentity(
  tx: AuditedTx,
  userId: UserId,
  organizationId: OrganizationId,
  usableIssuers: readonly string[],
): Promise<{ readonly issuer: string; readonly ended: EndedUserAccess } | 'unknown' | 'last'> {
  if (!(await lockAccount(tx, userId))) return 'unknown'
  const mine = and(eq(organizationIdentities.userId, userId), eq(organizationIdentities.organizationId, organizationId))
  if ((await tx.$count(organizationIdentities, mine)) === 0) return 'unknown'
  if (!(await hasWayIn(tx, userId, usableIssuers))) return 'last'
  const [unlinked] = await tx
    .delete(organizationIdentities)
    .where(mine)
    .returning({ issuer: organizationIdentities.issuer })
  if (!unlinked) return 'unknown'
  return { ...unlinked, ended: await endIdentityAccess(tx, userId, { organizationId }, 'an identity was removed') }
}

/**
 * Locks what gives an organization's provider authority over a user until the transaction ends: the verified domain of the
 * address that the user has now, and the provider with that issuer. Returns false if one of them is missing.
 */
async function lockAuthority(
  tx: AuditedTx,
  userId: UserId,
  { organizationId, issuer }: OrganizationIdentity,
): Promise<boolean> {
  const [user] = await tx.select({ email: users.email }).from(users).where(eq(users.id, userId))
  if (!user) return false
  // First, as a deletion does, which then waits here: its cascade would wait for the provider, and the link for the organization.
  const organization = await tx
    .select({ id: organizations.id })
    .from(organizations)
    .where(eq(organizations.id, organizationId))
    .for('key share')
  if (organization.length === 0) return false
  const provider = await tx
    .select({ issuer: identityProviders.issuer })
    .from(identityProviders)
    .where(and(eq(identityProviders.organizationId, organizationId), eq(identityProviders.issuer, issuer)))
    .for('share')
  if (provider.length === 0) return false
  const domains = await tx
    .select({ id: organizationDomains.id })
    .from(organizationDomains)
    .where(owned(organizationId, user.email))
    .for('share')
  return domains.length > 0
}

const owned = (organizationId: OrganizationId, email: string) =>
  and(
    eq(organizationDomains.organizationId, organizationId),
    eq(organizationDomains.domain, domainOf(email)),
    sql`${organizationDomains.verifiedAt} IS NOT NULL`,
  )

const is = ({ organizationId, issuer, subject }: OrganizationIdentity) =>
  and(
    eq(organizationIdentities.organizationId, organizationId),
    eq(organizationIdentities.issuer, issuer),
    eq(organizationIdentities.subject, subject),
  )
