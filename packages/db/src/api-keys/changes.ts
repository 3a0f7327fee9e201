import { and, eq, inArray, lte, type SQL, sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import type { ApiKeyId, GrantId, OrganizationId, UserId } from '../core/id.ts'
import { withDescendants, withDescendantsByRoot } from '../principals/key-family.ts'
import { apiKeyOrganizations, apiKeySecrets, apiKeys } from '../schema/api-keys.ts'
import { type ApiKeyRow, isActive } from './queries.ts'

export interface NewApiKey {
  readonly id: ApiKeyId
  readonly userId: UserId
  readonly name: string
  readonly description?: string | undefined
  readonly permissions: readonly string[]
  readonly expiresAt: Date | null
  /** The organizations in which it may act. Its home organization is added. */
  readonly organizationIds: readonly OrganizationId[]
  readonly parentKeyId?: ApiKeyId | undefined
  readonly parentGrantId?: GrantId | undefined
}

export interface NewSecret {
  readonly digest: Uint8Array
  readonly hint: string
}

/** The result of an insert. */
export interface InsertedApiKey {
  /** False if the owner has an active key of that name in one of the organizations: the caller must roll back. */
  readonly isPlaced: boolean
  /** Keys of the same name that had expired and were marked as expired by this insert. */
  readonly expired: readonly AffectedKey[]
}

/**
 * Inserts a key with its secret and its organizations. The unique index decides whether its name is free, not a prior read.
 * An expired key of that name is marked as expired first, which frees the name.
 */
export async function insertApiKey(
  tx: AuditedTx,
  homeOrganizationId: OrganizationId,
  { organizationIds, ...key }: NewApiKey,
  secret: NewSecret,
): Promise<InsertedApiKey> {
  // Always in the same order: two creations that share organizations wait for each other without a deadlock.
  const everywhere = [...new Set([homeOrganizationId, ...organizationIds])].sort()
  const expired = await markExpired(tx, key.userId, key.name)
  await tx.insert(apiKeys).values({ ...key, permissions: [...key.permissions], organizationId: homeOrganizationId })
  const placed = await tx
    .insert(apiKeyOrganizations)
    .values(everywhere.map((organizationId) => ({ keyId: key.id, organizationId, userId: key.userId, name: key.name })))
    .onConflictDoNothing()
    .returning({ keyId: apiKeyOrganizations.keyId })
  await tx.insert(apiKeySecrets).values({ ...secret, keyId: key.id })
  return { isPlaced: placed.length === everywhere.length, expired }
}

/** Marks the user's keys of that name that have expired, which frees the name. Returns them. */
async function markExpired(tx: AuditedTx, userId: UserId, name: string): Promise<AffectedKey[]> {
  return await tx
    .update(apiKeys)
    .set({ status: 'expired' })
    .where(
      and(
        eq(apiKeys.userId, userId),
        eq(apiKeys.name, name),
        eq(apiKeys.status, 'active'),
        lte(apiKeys.expiresAt, sql`now()`),
      ),
    )
    .returning({ id: apiKeys.id, organizationId: apiKeys.organizationId, name: apiKeys.name })
}

/** The members of a key that its owner may change. Those that are absent stay as they are. */
export interface ApiKeyChange {
  readonly name?: string | undefined
  readonly description?: string | undefined
  readonly permissions?: readonly string[] | undefined
  readonly expiresAt?: Date | null | undefined
}

/**
 * Renames a key. False if the owner has another active key of that name in one of its organizations. The transaction holds
 * `lockApiKeyCreation` of the owner, so none can be inserted concurrently.
 */
export async function renameApiKey(
  tx: AuditedTx,
  id: ApiKeyId,
  userId: UserId,
  name: string,
): Promise<{ readonly isRenamed: boolean; readonly expired: readonly AffectedKey[] }> {
  const expired = await markExpired(tx, userId, name)
  const renamed = await tx
    .update(apiKeys)
    .set({ name, updatedAt: sql`now()` })
    .where(
      and(
        eq(apiKeys.id, id),
        sql`NOT EXISTS (SELECT FROM api_key_organizations own JOIN api_key_organizations other
          ON other.organization_id = own.organization_id AND other.user_id = own.user_id
          WHERE own.key_id = ${id} AND other.key_id <> ${id} AND other.active AND other.name = ${name})`,
      ),
    )
    .returning({ id: apiKeys.id })
  return { isRenamed: renamed.length > 0, expired }
}

/**
 * Changes a locked key. By trigger, keys made with it are limited to what it has left, and it to what its parent has: read
 * the result.
 */
export async function updateApiKey(
  tx: AuditedTx,
  id: ApiKeyId,
  { description, permissions, expiresAt }: Omit<ApiKeyChange, 'name'>,
): Promise<void> {
  await tx
    .update(apiKeys)
    .set({
      ...(description !== undefined && { description }),
      ...(permissions !== undefined && { permissions: [...permissions] }),
      ...(expiresAt !== undefined && { expiresAt }),
      updatedAt: sql`now()`,
    })
    .where(eq(apiKeys.id, id))
}

/** A key that was made with another one, directly or not. */
export type DescendantKey = Pick<ApiKeyRow, 'id' | 'organizationId' | 'name' | 'permissions' | 'expiresAt'> & {
  readonly isActive: boolean
}

/** Lists the keys that were made with a key, directly or not: those that are active, or those with the given ids. */
export async function listDescendants(
  db: Queryable,
  id: ApiKeyId,
  ids?: readonly ApiKeyId[],
): Promise<DescendantKey[]> {
  const family = sql`(${withDescendants(sql`SELECT id FROM api_keys WHERE parent_key_id = ${id}`)} SELECT id FROM family)`
  return await db
    .select({
      id: apiKeys.id,
      organizationId: apiKeys.organizationId,
      name: apiKeys.name,
      permissions: apiKeys.permissions,
      expiresAt: apiKeys.expiresAt,
      isActive: sql<boolean>`status = 'active'`,
    })
    .from(apiKeys)
    .where(and(sql`${apiKeys.id} IN ${family}`, ids ? inArray(apiKeys.id, [...ids]) : eq(apiKeys.status, 'active')))
    .orderBy(apiKeys.id)
}

/**
 * Locks an active key until the transaction ends, so that later decisions about it stay valid. Returns false for an expired
 * or revoked key.
 */
export async function lockApiKey(tx: AuditedTx, homeOrganizationId: OrganizationId, id: ApiKeyId): Promise<boolean> {
  // Not FOR UPDATE, here and below: `recordUsage` refers to the key while it holds a row that this transaction needs.
  const locked = await tx
    .select({ id: apiKeys.id })
    .from(apiKeys)
    .where(and(eq(apiKeys.organizationId, homeOrganizationId), eq(apiKeys.id, id), isActive))
    .for('no key update')
  return locked.length > 0
}

/**
 * Gives a locked key another secret. The previous ones expire after the grace, and no later than the key would have. Without
 * `expiresAt` the key keeps its expiry.
 */
export async function rotateApiKey(
  tx: AuditedTx,
  id: ApiKeyId,
  secret: NewSecret,
  { graceSeconds, expiresAt }: { readonly graceSeconds: number; readonly expiresAt: Date | null | undefined },
): Promise<void> {
  // Without a grace, expired by every clock: that of a process may be behind the database's.
  const end = graceSeconds === 0 ? sql`'-infinity'` : sql`now() + make_interval(secs => ${graceSeconds})`
  await tx
    .update(apiKeySecrets)
    .set({
      // LEAST ignores nulls. The key's previous expiry is read in the statement: a Date has no microseconds.
      expiresAt: sql`LEAST(expires_at, ${end}, (SELECT key.expires_at FROM api_keys key WHERE key.id = ${id}))`,
    })
    .where(and(eq(apiKeySecrets.keyId, id), sql`(expires_at IS NULL OR expires_at > now())`))
  await tx.insert(apiKeySecrets).values({ ...secret, keyId: id })
  const change = { ...(expiresAt !== undefined && { expiresAt }), updatedAt: sql`now()` }
  await tx.update(apiKeys).set(change).where(eq(apiKeys.id, id))
}

/** Ends the secrets of a locked key that are valid only for a grace. Returns their number. */
export async function endPreviousSecrets(tx: AuditedTx, id: ApiKeyId): Promise<number> {
  const ended = await tx
    .update(apiKeySecrets)
    // Expired by every clock, as without a grace.
    .set({ expiresAt: sql`'-infinity'` })
    .where(and(eq(apiKeySecrets.keyId, id), sql`expires_at > now()`))
    .returning({ keyId: apiKeySecrets.keyId })
  return ended.length
}

/** A key that ends or loses an organization together with another key. */
export type AffectedKey = Pick<ApiKeyRow, 'id' | 'organizationId' | 'name'>

/** Revokes a key and, by trigger, the keys made with it. Returns all of them; none if it had ended already. */
export async function revokeApiKey(
  tx: AuditedTx,
  homeOrganizationId: OrganizationId,
  id: ApiKeyId,
): Promise<readonly AffectedKey[]> {
  return (await revokeApiKeys(tx, homeOrganizationId, [id])).get(id) ?? []
}

/**
 * Revokes keys and, by trigger, the keys made with them. Returns for each key all that ended with it; those that had ended
 * already are left out. A key that was made with another one of the list counts for itself.
 */
export async function revokeApiKeys(
  tx: AuditedTx,
  homeOrganizationId: OrganizationId,
  ids: readonly ApiKeyId[],
): Promise<ReadonlyMap<ApiKeyId, readonly AffectedKey[]>> {
  if (ids.length === 0) return new Map()
  const ofHome = and(
    eq(apiKeys.organizationId, homeOrganizationId),
    inArray(apiKeys.id, [...ids]),
    eq(apiKeys.status, 'active'),
  )
  // Always in the same order: two revocations of the same keys wait for each other without a deadlock.
  const locked = await tx
    .select({ id: apiKeys.id })
    .from(apiKeys)
    .where(ofHome)
    .orderBy(apiKeys.id)
    .for('no key update')
  if (locked.length === 0) return new Map()
  const revoked = locked.map((key) => key.id)
  const affected = await activeFamilies(tx, revoked)
  await tx.update(apiKeys).set({ status: 'revoked', revokedAt: sql`now()` }).where(inArray(apiKeys.id, revoked))
  const families = new Map<ApiKeyId, AffectedKey[]>(revoked.map((id) => [id, []]))
  for (const { endedWith, ...key } of affected) families.get(endedWith)?.push(key)
  return families
}

/** Removes an organization from a key with another home and, by trigger, from the keys made with it. Returns them. */
export async function removeApiKeyOrganization(
  tx: AuditedTx,
  organizationId: OrganizationId,
  id: ApiKeyId,
): Promise<readonly AffectedKey[]> {
  const access = and(eq(apiKeyOrganizations.organizationId, organizationId), eq(apiKeyOrganizations.keyId, id))
  const [found] = await tx
    .select({ keyId: apiKeyOrganizations.keyId })
    .from(apiKeyOrganizations)
    .where(access)
    .for('update')
  if (!found) return []
  const affected = await listActiveFamily(tx, sql`SELECT id FROM api_keys WHERE id = ${id}`)
  await tx.delete(apiKeyOrganizations).where(access)
  return affected
}

/** Lists keys and their descendants, as far as they are active, each with one of the keys that it is or descends from. */
async function activeFamilies(
  db: Queryable,
  ids: readonly ApiKeyId[],
): Promise<(AffectedKey & { readonly endedWith: ApiKeyId })[]> {
  const rows = await db.execute<{
    id: ApiKeyId
    organizationId: OrganizationId
    name: string
    endedWith: ApiKeyId
  }>(sql`
    ${withDescendantsByRoot(sql`SELECT id FROM api_keys WHERE id = ANY (${sql.param([...ids])}::text[])`)}, ended AS (
      SELECT id, CASE WHEN bool_or(id = root) THEN id ELSE min(root) END AS root FROM family GROUP BY id
    ) SELECT id, organization_id AS "organizationId", name, root AS "endedWith"
    FROM api_keys JOIN ended USING (id) WHERE status = 'active' ORDER BY id <> root, id`)
  return [...rows]
}

/** Lists the keys whose `id` a statement selects, and their descendants, as far as they are active. */
export async function listActiveFamily(db: Queryable, roots: SQL): Promise<AffectedKey[]> {
  const rows = await db.execute<{ id: ApiKeyId; organizationId: OrganizationId; name: string }>(sql`
    ${withDescendants(roots)}
    SELECT id, organization_id AS "organizationId", name FROM api_keys JOIN family USING (id) WHERE status = 'active'`)
  return [...rows]
}

/**
 * Marks up to `limit` expired keys, of any organization, in one statement. Returns the rows this call changed; rows that
 * another transaction holds are left for the next call.
 */
export async function expireApiKeys(tx: AuditedTx, limit: number): Promise<AffectedKey[]> {
  const due = tx
    .select({ id: apiKeys.id })
    .from(apiKeys)
    .where(and(eq(apiKeys.status, 'active'), lte(apiKeys.expiresAt, sql`now()`)))
    .orderBy(apiKeys.expiresAt)
    .limit(limit)
    .for('no key update', { skipLocked: true })
  return await tx
    .update(apiKeys)
    .set({ status: 'expired' })
    .where(inArray(apiKeys.id, due))
    .returning({ id: apiKeys.id, organizationId: apiKeys.organizationId, name: apiKeys.name })
}
