import { type SQL, sql } from 'drizzle-orm'
import { type EndedKey, endKeys } from '../api-keys/ended-keys.ts'
import type { AuditedTx } from '../audit/entries.ts'
import type { Database, Queryable } from '../core/client.ts'
import type { GrantId, OrganizationId, ResourceServerId, UserId } from '../core/id.ts'

/** One authorization, as oidc-provider and token verification need it. */
export interface NewGrant {
  readonly id: GrantId
  readonly userId: UserId
  readonly clientId: string
  readonly scopes: string[]
  /** Null for first-party clients: all organizations of the user. */
  readonly organizationIds: OrganizationId[] | null
  /** The browser session of the authorization. It must not have ended when the grant is inserted. */
  readonly sessionUid: string
  /** Whether the grant outlives that session, as for the CLI and devices. Otherwise it ends with the session. */
  readonly outlivesSession: boolean
  /** The digest under which that session was read: it must still exist there or by its `uid`. Null if not saved yet. */
  readonly session: Uint8Array | null
  /** Whether the grant was copied from a saved consent, which must still exist. */
  readonly isConsented: boolean
  /** The API with its own audience that the grant is for, with the granted scopes of that API. Null: our own API. */
  readonly resource: { readonly id: ResourceServerId; readonly scopes: readonly string[] } | null
  readonly payload: Record<string, unknown>
  /** Seconds since the epoch. */
  readonly expiresAt: number
}

/** The facts of a revoked grant that its audit event needs. */
export interface RevokedGrant {
  readonly id: GrantId
  readonly clientId: string
  readonly userId: UserId
  readonly email: string
  /** The user's personal organization, whose trail records sessions and grants. Every user that we create has one. */
  readonly organizationId: OrganizationId | null
}

/** The grants and keys that were revoked together, with a session or an app. */
export interface EndedAccess {
  readonly grants: readonly RevokedGrant[]
  /** The keys made with those grants, and their descendants. */
  readonly keys: readonly EndedKey[]
}

/** Finds oidc-provider's payload of a grant that is not revoked, and the current scopes of the grant and its client. */
export async function findGrantPayload({ $client }: Database, id: string) {
  const [row] = await $client<{ payload: Record<string, unknown>; scopes: string[] }[]>`
    SELECT payload, ${$client.unsafe(CURRENT_SCOPES)} AS scopes
    FROM grants JOIN oidc_clients client ON client.id = client_id WHERE grants.id = ${id} AND revoked_at IS NULL`
  return row
}

/**
 * Of `grants` and its `client`: the scopes of the grant that the client may still request and, for an API with its own
 * audience, those that the API still has. Null without a grant.
 */
export const CURRENT_SCOPES = `CASE WHEN grants.id IS NOT NULL THEN ARRAY(
    SELECT scope FROM unnest(grants.scopes) scope WHERE scope = 'openid' OR scope = ANY (client.scopes)
    UNION ALL
    SELECT scope FROM unnest(grants.resource_scopes) scope WHERE EXISTS (
      SELECT FROM resource_servers server WHERE server.id = grants.resource_server_id
        AND server.scopes @> jsonb_build_array(jsonb_build_object('name', scope)))) END`

/** Of a resource `server` and its `organization`: whether tokens are issued for it. */
export const IS_ACTIVE =
  'server.enabled AND (organization.suspended_at IS NULL OR organization.suspended_until <= now())'

/**
 * Revokes a grant and, by trigger, everything issued for it. Returns nothing if it was revoked already. The row stays as a
 * tombstone, so that a concurrent insert under it is refused too.
 */
export const revokeGrant = (tx: AuditedTx, id: string, reason: string): Promise<EndedAccess> =>
  endGrants(tx, sql`id = ${id}`, reason)

/** Ends a browser session and revokes every grant made in it, except those that outlive it. */
export async function endSession(tx: AuditedTx, uid: string, reason: string): Promise<EndedAccess> {
  // The session first: this waits for a concurrent insertion of a grant in it, which is then revoked with the others.
  await tx.execute(sql`DELETE FROM oidc_artifacts WHERE model = 'Session' AND uid = ${uid}`)
  return endGrants(tx, sql`session_uid = ${uid}`, reason)
}

/** Revokes every grant of a client in a browser session. The session itself continues. */
export const endClientInSession = (
  tx: AuditedTx,
  uid: string,
  clientId: string,
  reason: string,
): Promise<EndedAccess> => endGrants(tx, sql`session_uid = ${uid} AND client_id = ${clientId}`, reason)

/**
 * Revokes the grants that match the condition on `grants`. They are locked first, in the order of ids, as by every revocation
 * of several. This waits for a concurrent creation of a key with one of them, which is then revoked with the others.
 */
export async function endGrants(tx: AuditedTx, which: SQL, reason: string): Promise<EndedAccess> {
  const locked = await tx.execute<{ id: GrantId }>(sql`
    SELECT id FROM grants WHERE ${which} AND revoked_at IS NULL ORDER BY id FOR UPDATE`)
  if (locked.length === 0) return { grants: [], keys: [] }
  const ids = sql`${sql.param(locked.map(({ id }) => id))}::text[]`
  const keys = await endKeys(tx, sql`parent_grant_id = ANY (${ids})`)
  const grants = await tx.execute<{ [K in keyof RevokedGrant]: RevokedGrant[K] }>(sql`
    WITH revoked AS (
      UPDATE grants SET revoked_at = now(), revoked_reason = ${reason} WHERE id = ANY (${ids})
      RETURNING id, client_id, user_id
    )
    SELECT revoked.id, revoked.client_id AS "clientId", revoked.user_id AS "userId", users.email,
      organizations.id AS "organizationId"
    FROM revoked JOIN users ON users.id = revoked.user_id
      LEFT JOIN organizations ON organizations.created_by = users.id AND organizations.personal`)
  return { grants: [...grants], keys }
}

/**
 * Deletes up to `limit` grants under which no token is valid any more. A grant with which API keys were made stays, because
 * deleting it would revoke them. Returns the number of deleted grants.
 */
export async function sweepGrants(db: Queryable, limit: number): Promise<number> {
  const { count } = await db.execute(sql`
    DELETE FROM grants WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM grants WHERE expires_at < now() - interval '1 day'
        AND NOT EXISTS (SELECT FROM api_keys WHERE parent_grant_id = grants.id)
      LIMIT ${limit} FOR UPDATE SKIP LOCKED))`)
  return count
}
