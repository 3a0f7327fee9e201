import { and, eq, sql } from 'drizzle-orm'
import { SIGN_UP } from '../audit/authority.ts'
import { type AuditActor, type AuditedTx, auditEntry, inAudit } from '../audit/entries.ts'
import type { Database, Queryable } from '../core/client.ts'
import { normalizeEmail } from '../core/email-address.ts'
import type { OrganizationId, UserId } from '../core/id.ts'
import { type ProvisioningOutcome, provisioningEntries, provisionMember } from '../organizations/member-provisioning.ts'
import { userIdentities } from '../schema/user-identities.ts'
import { type EndedUserAccess, endIdentityAccess, lockAccount } from './account-changes.ts'
import {
  findUserOfOrganizationIdentity,
  linkOrganizationIdentity,
  useOrganizationIdentity,
} from './organization-identities.ts'
import { type CreatedUser, insertUser, type NewUser } from './users.ts'
import { hasWayIn } from './ways-in.ts'

/** An account at another provider. */
export interface Identity {
  readonly issuer: string
  readonly subject: string
  /** The organization whose identity provider states it. Such an identity has authority in the organization's domains only. */
  readonly organizationId?: OrganizationId | undefined
  /** The groups of the person there that give roles in the organization: digests, as from `findMappedGroups`. */
  readonly mappedGroups?: readonly string[] | undefined
  /** The session there in which the person has signed in; undefined for a provider that names none. */
  readonly session?: IdentitySession | undefined
}

/** A session at another provider. */
export interface IdentitySession {
  /** Its digest, as in `digestUpstreamSid`. Undefined if the id_token has no `sid`. */
  readonly sid?: string | undefined
  /** When the id_token was issued, in seconds since the epoch, by the provider's clock. */
  readonly issuedAt: number
}

export interface LinkedIdentity extends Identity {
  readonly email: string
  readonly createdAt: Date
  readonly lastUsedAt: Date | null
}

/** Finds the user that an identity is linked to, also a disabled one. */
export async function findUserOfIdentity(db: Queryable, identity: Identity): Promise<UserId | undefined> {
  const { issuer, subject, organizationId } = identity
  if (organizationId !== undefined) return findUserOfOrganizationIdentity(db, { issuer, subject, organizationId })
  const [row] = await db
    .select({ userId: userIdentities.userId })
    .from(userIdentities)
    .where(and(eq(userIdentities.issuer, issuer), eq(userIdentities.subject, subject)))
  return row?.userId
}

/** Lists the identities of a user, one of each provider. */
export const listIdentities = (db: Queryable, userId: UserId): Promise<LinkedIdentity[]> =>
  db
    .select({
      issuer: userIdentities.issuer,
      subject: userIdentities.subject,
      email: userIdentities.email,
      createdAt: userIdentities.createdAt,
      lastUsedAt: userIdentities.lastUsedAt,
    })
    .from(userIdentities)
    .where(eq(userIdentities.userId, userId))
    .orderBy(userIdentities.createdAt, userIdentities.issuer)

/**
 * Notes that a user has signed in with an identity, whose row the transaction has locked. Returns false if it is not linked to
 * that user any more, or if its organization has no authority over the address of the user any more.
 */
export async function useIdentity(tx: AuditedTx, userId: UserId, identity: Identity): Promise<boolean> {
  const { issuer, subject, organizationId } = identity
  if (organizationId !== undefined) return useOrganizationIdentity(tx, userId, { issuer, subject, organizationId })
  const used = await tx
    .update(userIdentities)
    .set({ lastUsedAt: sql`now()` })
    .where(
      and(eq(userIdentities.userId, userId), eq(userIdentities.issuer, issuer), eq(userIdentities.subject, subject)),
    )
    .returning({ userId: userIdentities.userId })
  return used.length > 0
}

/**
 * Links an identity to a user, in place of the one that the user had at the same provider. Returns false, and changes
 * nothing, if it is linked already, or if its organization has no authority over the address of the user.
 * @throws IdentityTaken if another transaction has linked it in the same moment
 */
export async function linkIdentity(
  tx: AuditedTx,
  userId: UserId,
  { issuer, subject, email, organizationId }: Identity & { readonly email: string },
): Promise<boolean> {
  if (organizationId !== undefined) {
    return linkOrganizationIdentity(tx, userId, { issuer, subject, organizationId })
  }
  const [taken] = await tx
    .select({ userId: userIdentities.userId })
    .from(userIdentities)
    .where(and(eq(userIdentities.issuer, issuer), eq(userIdentities.subject, subject)))
    .for('update')
  if (taken) return false
  await tx.delete(userIdentities).where(and(eq(userIdentities.userId, userId), eq(userIdentities.issuer, issuer)))
  const linked = await tx
    .insert(userIdentities)
    .values({ userId, issuer, subject, email })
    .onConflictDoNothing()
    .returning({ userId: userIdentities.userId })
  if (linked.length === 0) throw new IdentityTaken()
  return true
}

/** `last`: the account would have no other way to sign in. Nothing was changed, as for `unknown`. */
export type Unlinking = 'unlinked' | 'unknown' | 'last'

/**
 * Removes an identity of a user, under the lock of the account, and ends what it signed in. `usableIssuers` are those that people
 * can sign in with: an identity of another one is no way in. Returns what ended, if it was removed.
 */
export async function unlinkIdentity(
  tx: AuditedTx,
  userId: UserId,
  issuer: string,
  usableIssuers: readonly string[],
): Promise<EndedUserAccess | Exclude<Unlinking, 'unlinked'>> {
  if (!(await lockAccount(tx, userId))) return 'unknown'
  const others = usableIssuers.filter((usable) => usable !== issuer)
  const mine = and(eq(userIdentities.userId, userId), eq(userIdentities.issuer, issuer))
  if ((await tx.$count(userIdentities, mine)) === 0) return 'unknown'
  if (!(await hasWayIn(tx, userId, others))) return 'last'
  await tx.delete(userIdentities).where(mine)
  return endIdentityAccess(tx, userId, { issuer }, 'an identity was removed')
}

/**
 * Creates a user without a password who signs in with an identity, and a personal organization. The identity provider of an
 * organization may make the user its member. Undefined if the address is taken. The provider has verified it.
 */
export function createUserWithIdentity(
  db: Database,
  user: Pick<NewUser, 'email' | 'name' | 'language'>,
  identity: Identity,
  from: Omit<AuditActor, 'actorId' | 'actorEmail'>,
): Promise<CreatedUser | undefined> {
  const email = normalizeEmail(user.email)
  return inAudit<(CreatedUser & { readonly provisioned: ProvisioningOutcome | undefined }) | undefined>(
    db,
    SIGN_UP,
    (created) => {
      if (!created) return []
      const actor = { ...from, actorId: created.userId, actorEmail: email }
      const facts = {
        ...actor,
        organizationId: created.organizationId,
        targetId: created.userId,
        statusCode: 200,
      }
      return [
        auditEntry('user.create', { ...facts, metadata: {} }),
        auditEntry('user.link_identity', { ...facts, metadata: { issuer: identity.issuer, email } }),
        ...provisioningEntries(created.provisioned, actor),
      ]
    },
    async (tx) => {
      const created = await insertUser(tx, { ...user, passwordHash: null, emailVerified: true })
      // A concurrent sign-up with the same identity and another address has won: this one is undone.
      if (created && !(await linkIdentity(tx, created.userId, { ...identity, email }))) throw new IdentityTaken()
      return created && { ...created, provisioned: await provisionMember(tx, created.userId, identity) }
    },
  )
}

/** Thrown if an identity was linked to another account in the same moment. */
export class IdentityTaken extends Error {
  override readonly name = 'IdentityTaken'
}
