import { hash } from 'node:crypto'
import { and, eq, or, sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import { normalizeEmail } from '../core/email-address.ts'
import type { OrganizationId, UserId } from '../core/id.ts'
import { removedMembers } from '../schema/single-sign-on.ts'
import { users } from '../schema/users.ts'

/** Notes that a member was removed or left, so that the identity provider does not bring them back. */
export async function noteRemoval(tx: AuditedTx, organizationId: OrganizationId, userId: UserId): Promise<void> {
  const emailDigest = await addressDigest(tx, userId)
  if (!emailDigest) return
  await tx
    .insert(removedMembers)
    .values({ organizationId, userId, emailDigest })
    .onConflictDoUpdate({
      target: [removedMembers.organizationId, removedMembers.userId],
      set: { emailDigest, removedAt: sql`now()` },
    })
}

/** Whether a user, or an earlier account with the same address, was removed from the organization or left it. */
export async function wasRemoved(tx: AuditedTx, organizationId: OrganizationId, userId: UserId): Promise<boolean> {
  return (await tx.$count(removedMembers, await removalOf(tx, organizationId, userId))) > 0
}

/** Ends the effect of a removal: the user was invited again and is a member now. */
export async function endRemoval(tx: AuditedTx, organizationId: OrganizationId, userId: UserId): Promise<void> {
  await tx.delete(removedMembers).where(await removalOf(tx, organizationId, userId))
}

async function removalOf(tx: AuditedTx, organizationId: OrganizationId, userId: UserId) {
  const emailDigest = await addressDigest(tx, userId)
  const ofUser = eq(removedMembers.userId, userId)
  return and(
    eq(removedMembers.organizationId, organizationId),
    emailDigest ? or(ofUser, eq(removedMembers.emailDigest, emailDigest)) : ofUser,
  )
}

/** A digest, so that the addresses of deleted accounts are not kept. */
async function addressDigest(tx: AuditedTx, userId: UserId): Promise<Uint8Array | undefined> {
  const [user] = await tx.select({ email: users.email }).from(users).where(eq(users.id, userId))
  return user && hash('sha256', normalizeEmail(user.email), 'buffer')
}
