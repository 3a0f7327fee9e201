import { and, eq, inArray } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { UserId } from '../core/id.ts'
import { userIdentities } from '../schema/user-identities.ts'
import { userCredentials } from '../schema/users.ts'

/**
 * Whether a locked account has a password, or an identity of one of these issuers. An identity of an organization does not
 * count: the organization can take that way in away.
 */
export async function hasWayIn(tx: AuditedTx, userId: UserId, issuers: readonly string[]): Promise<boolean> {
  const password = and(eq(userCredentials.userId, userId), eq(userCredentials.kind, 'password'))
  if ((await tx.$count(userCredentials, password)) > 0) return true
  if (issuers.length === 0) return false
  const identities = and(eq(userIdentities.userId, userId), inArray(userIdentities.issuer, issuers))
  return (await tx.$count(userIdentities, identities)) > 0
}
