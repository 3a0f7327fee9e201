import { type SQL, sql } from 'drizzle-orm'
import type { AuditedTx } from './audit.ts'
import type { Database, Queryable } from './client.ts'
import { type EndedKey, endKeys } from './ended-keys.ts'
import type { GrantId, OrganizationId, UserId } from './id.ts'

/** One authorization, as oidc-provider and the verification of tokens need it. */
export interface NewGrant {
  readonly id: GrantId
  readonly userId: UserId
  readonly clientId: string
  readonly scopes: string[]
  /** Null for first-party clients: all that the user has. */
  readonly organizationIds: OrganizationId[] | null
  /** The browser session that it is made in, which has to be live at that moment. */
  readonly sessionUid: string
  /** Whether it outlives that session: of the CLI and of a device. Otherwise the end of the session ends it. */
  readonly outlivesSession: boolean
  /** Where that session was read: there, or by its `uid`, it must still be. Null for one that is not saved yet. */
  readonly session: Uint8Array | null
  /** Whether it was copied from a remembered consent, which must still be there. */
  readonly isConsented: boolean
  readonly payload: Record<string, unknown>
  /** Seconds since the epoch. */
  readonly expiresAt: number
}

/** What is needed to tell of a grant's end. */
export interface RevokedGrant {
  readonly id: GrantId
  readonly clientId: string
  readonly userId: UserId
  readonly email: string
  /** The user's personal organization, whose trail tells of sessions and grants; every user that we make has one. */
  readonly organizationId: OrganizationId | null
}

/** What ended together: with a session, with an app. */
export interface EndedAccess {
  readonly grants: readonly RevokedGrant[]
  /** The keys that were made with those grants, and with those keys. */
  readonly keys: readonly EndedKey[]
}

/** oidc-provider's payload of a live grant, and the scopes that the grant and its client have now. */
export async function findGrantPayload({ $client }: Database, id: string) {
  const [row] = await $client<{ payload: Record<string, unknown>; scopes: string[] }[]>`
    SELECT payload, ${$client.unsafe(CURRENT_SCOPES)} AS scopes
    FROM grants JOIN oidc_clients client ON client.id = client_id WHERE grants.id = ${id} AND revoked_at IS NULL`
  return row
}

/** Of `grants` and its `client`: the scopes of the grant that the client may still ask for. Null without a grant. */
export const CURRENT_SCOPES = `CASE WHEN grants.id IS NOT NULL THEN ARRAY(
    SELECT scope FROM unnest(grants.scopes) scope WHERE scope = 'openid' OR scope = ANY (client.scopes)) END`

/**
 * Kills a grant for good, and by trigger everything issued for it. Returns nothing when it was dead already. The row
 * stays as a tombstone, so that an insert under way is refused as well.
 */
export const revokeGrant = (tx: AuditedTx, id: string, reason: string): Promise<EndedAccess> =>
  endGrants(tx, sql`id = ${id}`, reason)

/** Ends a browser session: itself and every grant that was made in it, but for those that outlive it. */
export async function endSession(tx: AuditedTx, uid: string, reason: string): Promise<EndedAccess> {
  // The session first: a grant that is being born in it is waited for, and ends with the others.
  await tx.execute(sql`DELETE FROM oidc_artifacts WHERE model = 'Session' AND uid = ${uid}`)
  return endGrants(tx, sql`session_uid = ${uid}`, reason)
}

/** Ends every grant of a client that belongs to a browser session; the session goes on. */
export const endClientInSession = (
  tx: AuditedTx,
  uid: string,
  clientId: string,
  reason: string,
): Promise<EndedAccess> => endGrants(tx, sql`session_uid = ${uid} AND client_id = ${clientId}`, reason)

/**
 * Kills the live grants that the condition on `grants` picks, in the order of ids, as every killer of several takes
 * them. They are held first: a key that is being made with one of them is waited for, and ends with the others.
 */
export async function endGrants(tx: AuditedTx, which: SQL, reason: string): Promise<EndedAccess> {
  const held = await tx.execute<{ id: GrantId }>(sql`
    SELECT id FROM grants WHERE ${which} AND revoked_at IS NULL ORDER BY id FOR UPDATE`)
  if (held.length === 0) return { grants: [], keys: [] }
  const ids = sql`${sql.param(held.map(({ id }) => id))}::text[]`
  const keys = await endKeys(tx, sql`parent_grant_id = ANY (${ids})`)
  const grants = await tx.execute<{ [K in keyof RevokedGrant]: RevokedGrant[K] }>(sql`
    WITH killed AS (
      UPDATE grants SET revoked_at = now(), revoked_reason = ${reason} WHERE id = ANY (${ids})
      RETURNING id, client_id, user_id
    )
    SELECT killed.id, killed.client_id AS "clientId", killed.user_id AS "userId", users.email,
      organizations.id AS "organizationId"
    FROM killed JOIN users ON users.id = killed.user_id
      LEFT JOIN organizations ON organizations.created_by = users.id AND organizations.personal`)
  return { grants: [...grants], keys }
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
