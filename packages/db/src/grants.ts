import { sql } from 'drizzle-orm'
import type { AuditedTx } from './audit.ts'
import type { Database, Queryable } from './client.ts'
import type { GrantId, OrganizationId, UserId } from './id.ts'

/** One authorization, as oidc-provider and the verification of tokens need it. */
export interface NewGrant {
  readonly id: GrantId
  readonly userId: UserId
  readonly clientId: string
  readonly scopes: string[]
  /** Null for first-party clients: all that the user has. */
  readonly organizationIds: OrganizationId[] | null
  /** The browser session that it is made in; ending that ends the grant. */
  readonly sessionUid: string
  readonly payload: Record<string, unknown>
  /** Seconds since the epoch. */
  readonly expiresAt: number
}

/** What is needed to tell of a grant's end. */
export interface KilledGrant {
  readonly id: GrantId
  readonly clientId: string
  readonly userId: UserId
  readonly email: string
  /** The user's personal organization, whose trail tells of sessions and grants; every user that we make has one. */
  readonly organizationId: OrganizationId | null
}

/** oidc-provider's payload of a live grant. */
export async function findGrantPayload({ $client }: Database, id: string) {
  const [row] = await $client<{ payload: Record<string, unknown> }[]>`
    SELECT payload FROM grants WHERE id = ${id} AND revoked_at IS NULL`
  return row?.payload
}

/**
 * Kills a grant for good, and by trigger everything issued for it. `undefined` when it was dead already. The row stays
 * as a tombstone, so that an insert under way is refused as well.
 */
export async function revokeGrant(tx: AuditedTx, id: string, reason: string): Promise<KilledGrant | undefined> {
  const [killed] = await kill(tx, sql`grants.id = ${id}`, reason)
  return killed
}

/** As `revokeGrant`, several at once. Returns those that were alive. */
export const revokeGrants = (tx: AuditedTx, ids: readonly GrantId[], reason: string): Promise<KilledGrant[]> =>
  kill(tx, sql`grants.id = ANY (${sql.param([...ids])}::text[])`, reason)

/** Ends a browser session: itself and every grant that was made in it. */
export async function endSession(tx: AuditedTx, uid: string, reason: string): Promise<KilledGrant[]> {
  const killed = await kill(tx, sql`grants.session_uid = ${uid}`, reason)
  await tx.execute(sql`DELETE FROM oidc_artifacts WHERE model = 'Session' AND uid = ${uid}`)
  return killed
}

/**
 * Removes up to `limit` grants that can no longer matter: no token under them is valid any more. A grant that made API
 * keys stays, since deleting it would kill them. Returns how many.
 */
export async function sweepGrants(db: Queryable, limit: number): Promise<number> {
  const { count } = await db.execute(sql`
    DELETE FROM grants WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM grants WHERE expires_at < now() - interval '1 day'
        AND NOT EXISTS (SELECT FROM api_keys WHERE parent_grant_id = grants.id)
      LIMIT ${limit} FOR UPDATE SKIP LOCKED))`)
  return count
}

/** In the order of ids, as every killer of several takes them. That it dies depends on nothing but the grant itself. */
async function kill(tx: AuditedTx, which: ReturnType<typeof sql>, reason: string): Promise<KilledGrant[]> {
  const rows = await tx.execute<{ [K in keyof KilledGrant]: KilledGrant[K] }>(sql`
    WITH doomed AS (SELECT id FROM grants WHERE ${which} AND revoked_at IS NULL ORDER BY id FOR UPDATE),
    killed AS (
      UPDATE grants SET revoked_at = now(), revoked_reason = ${reason} FROM doomed WHERE grants.id = doomed.id
      RETURNING grants.id, client_id, user_id
    )
    SELECT killed.id, killed.client_id AS "clientId", killed.user_id AS "userId", users.email,
      organizations.id AS "organizationId"
    FROM killed JOIN users ON users.id = killed.user_id
      LEFT JOIN organizations ON organizations.created_by = users.id AND organizations.personal`)
  return [...rows]
}
