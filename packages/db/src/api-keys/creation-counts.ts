import { and, count, eq, gt, sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { ApiKeyId, OrganizationId, UserId } from '../core/id.ts'
import { apiKeyOrganizations, apiKeySecrets, apiKeys } from '../schema/api-keys.ts'
import { organizationMembers, roles } from '../schema/organizations.ts'
import { isActive } from './queries.ts'

// Counts for limits on creation. A transaction calls them after its insert and rolls back if a limit is exceeded. They are
// exact because such transactions wait for each other: each holds a lock on the user, organization or key it counts for.

/** Counts the organizations that a user is a member of. The transaction holds the user's row. */
export async function countMemberships(tx: AuditedTx, userId: UserId): Promise<number> {
  const [row] = await tx
    .select({ total: count() })
    .from(organizationMembers)
    .where(eq(organizationMembers.userId, userId))
  return row?.total ?? 0
}

/**
 * Makes transactions that create keys of one user wait for each other. An advisory lock: those of the same credential
 * share the lock on the user's row, and would block each other if two of them wanted more of it.
 */
export async function lockApiKeyCreation(tx: AuditedTx, userId: UserId): Promise<void> {
  await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended('create-api-key:' || ${userId}, 0))`)
}

/** Returns whether a user has more than `limit` active keys in any of the organizations. After `lockApiKeyCreation`. */
export async function hasMoreApiKeysThan(
  tx: AuditedTx,
  userId: UserId,
  organizationIds: readonly OrganizationId[],
  limit: number,
): Promise<boolean> {
  for (const organizationId of organizationIds) {
    const [row] = await tx
      .select({ total: count() })
      .from(apiKeyOrganizations)
      .innerJoin(apiKeys, eq(apiKeys.id, apiKeyOrganizations.keyId))
      .where(
        and(
          eq(apiKeyOrganizations.organizationId, organizationId),
          eq(apiKeyOrganizations.userId, userId),
          apiKeyOrganizations.active,
          isActive,
        ),
      )
    if ((row?.total ?? 0) > limit) return true
  }
  return false
}

/** Counts the superseded secrets of a key that are still valid. The transaction holds the key's row. */
export async function countSupersededSecrets(tx: AuditedTx, keyId: ApiKeyId): Promise<number> {
  const [row] = await tx
    .select({ total: count() })
    .from(apiKeySecrets)
    .where(and(eq(apiKeySecrets.keyId, keyId), gt(apiKeySecrets.expiresAt, sql`now()`)))
  return row?.total ?? 0
}

/** Counts the roles of an organization, built-in ones excluded. The transaction holds the organization's row. */
export async function countRoles(tx: AuditedTx, organizationId: OrganizationId): Promise<number> {
  const [row] = await tx.select({ total: count() }).from(roles).where(eq(roles.organizationId, organizationId))
  return row?.total ?? 0
}
