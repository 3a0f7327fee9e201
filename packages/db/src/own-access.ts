import { eq, sql } from 'drizzle-orm'
import type { AuditedTx } from './audit.ts'
import type { Database } from './client.ts'
import { type EndedAccess, endGrants } from './grants.ts'
import type { GrantId, OrganizationId, UserId } from './id.ts'
import { type Page, type PageRequest, pageOf } from './keyset.ts'
import { users } from './schema/users.ts'

/** A browser in which somebody is signed in. */
export interface SessionRow {
  /** Names the session and opens nothing: its cookie has another value. */
  readonly id: string
  /** Milliseconds since the epoch, as all instants here. */
  readonly signedInAt: number
  readonly expiresAt: number
  /** Whether the given grant was made in it. */
  readonly isCurrent: boolean
  /** Those with a live grant that was made in it. */
  readonly apps: readonly { readonly clientId: string; readonly name: string }[]
}

/** An app that somebody lets act for them, or has agreed to let. */
export interface AuthorizedAppRow {
  readonly clientId: string
  readonly name: string
  readonly firstParty: boolean
  readonly homepageUri: string | null
  readonly logoUri: string | null
  /** Agreed to, or given to one of the live grants. */
  readonly scopes: readonly string[]
  /** Null where the app reaches all that the user does. */
  readonly organizationIds: readonly OrganizationId[] | null
  /** Grants that live: devices, mostly. */
  readonly grants: number
  /** Milliseconds since the epoch. */
  readonly authorizedAt: number
}

const MS = 1000

/** A page of the user's own sessions, the newest sign-in first. `grantId` is that of the request. */
export async function listSessions(
  { $client }: Database,
  userId: UserId,
  grantId: GrantId,
  { limit, after }: PageRequest<number>,
): Promise<Page<SessionRow, number>> {
  const signedInAt = $client`
    (coalesce((payload ->> 'loginTs')::float8, extract(epoch FROM created_at)::float8) * 1000000)::bigint`
  const rows = await $client<(SessionRow & { position: number })[]>`
    SELECT session.uid AS id, extract(epoch FROM expires_at)::float8 * ${MS} AS "expiresAt",
      ${signedInAt}::float8 / 1000 AS "signedInAt", ${signedInAt}::float8 AS position,
      EXISTS (SELECT FROM grants WHERE id = ${grantId} AND session_uid = session.uid) AS "isCurrent",
      coalesce((
        SELECT json_agg(json_build_object('clientId', id, 'name', name) ORDER BY name, id)
        FROM oidc_clients WHERE id IN (
          SELECT client_id FROM grants
          WHERE session_uid = session.uid AND user_id = ${userId} AND revoked_at IS NULL AND expires_at > now())
      ), '[]') AS apps
    FROM oidc_artifacts session
    WHERE model = 'Session' AND account_id = ${userId} AND uid IS NOT NULL AND expires_at > now()
      AND ${after ? $client`(${signedInAt}, uid) < (${String(after.value)}::bigint, ${after.id})` : $client`true`}
    ORDER BY position DESC, id DESC LIMIT ${limit + 1}`
  return pageOf(rows, limit, ({ position, id }) => ({ value: position, id }))
}

/** A page of what acts for the user, or may without asking again: with a live grant or a remembered consent, by name. */
export async function listAuthorizedApps(
  { $client }: Database,
  userId: UserId,
  { limit, after }: PageRequest<string>,
): Promise<Page<AuthorizedAppRow, string>> {
  const rows = await $client<AuthorizedAppRow[]>`
    WITH agreed AS (
      SELECT client_id, scopes, '{}'::text[] AS organization_ids, false AS everywhere, created_at, 0 AS live
      FROM consents WHERE user_id = ${userId}
      UNION ALL
      SELECT client_id, scopes, ARRAY[organization_id], false, created_at, 0
      FROM consent_organizations WHERE user_id = ${userId}
      UNION ALL
      SELECT client_id, scopes, organization_ids, organization_ids IS NULL, created_at, 1
      FROM grants WHERE user_id = ${userId} AND revoked_at IS NULL AND expires_at > now()
    ), by_client AS (
      SELECT client_id, bool_or(everywhere) AS everywhere, sum(live)::int AS grants, min(created_at) AS since
      FROM agreed GROUP BY client_id
    )
    SELECT id AS "clientId", name, first_party AS "firstParty", homepage_uri AS "homepageUri", logo_uri AS "logoUri",
      grants, extract(epoch FROM since)::float8 * ${MS} AS "authorizedAt",
      ARRAY(
        SELECT DISTINCT unnest(scopes) AS scope FROM agreed WHERE agreed.client_id = id ORDER BY scope
      ) AS scopes,
      CASE WHEN NOT everywhere THEN ARRAY(
        SELECT DISTINCT unnest(organization_ids) AS organization FROM agreed WHERE agreed.client_id = id
        ORDER BY organization
      ) END AS "organizationIds"
    FROM by_client JOIN oidc_clients ON id = client_id
    WHERE ${after ? $client`(name, id) > (${after.value}, ${after.id})` : $client`true`}
    ORDER BY name, id LIMIT ${limit + 1}`
  return pageOf(rows, limit, ({ name, clientId }) => ({ value: name, id: clientId }))
}

/**
 * Holds the user, so that what they end happens once. Returns their personal organization, whose trail tells of it;
 * undefined for whom there is none any more.
 */
export async function lockUser(tx: AuditedTx, userId: UserId): Promise<OrganizationId | undefined> {
  const [held] = await tx.execute<{ id: OrganizationId }>(sql`
    SELECT organizations.id FROM users
    JOIN organizations ON organizations.created_by = users.id AND organizations.personal
    WHERE users.id = ${userId} AND users.disabled_at IS NULL FOR NO KEY UPDATE OF users`)
  return held?.id
}

export async function renameUser(tx: AuditedTx, userId: UserId, name: string): Promise<void> {
  await tx.update(users).set({ name, updatedAt: sql`now()` }).where(eq(users.id, userId))
}

/** Ends a session of the user's with all that was granted in it; undefined when they have none of that id. */
export async function endUserSession(
  tx: AuditedTx,
  userId: UserId,
  uid: string,
  reason: string,
): Promise<EndedAccess | undefined> {
  // The session first: a grant that is being born in it is waited for, and ends with the others.
  const { count } = await tx.execute(sql`
    DELETE FROM oidc_artifacts
    WHERE model = 'Session' AND uid = ${uid} AND account_id = ${userId} AND expires_at > now()`)
  return count === 0 ? undefined : endGrants(tx, sql`session_uid = ${uid} AND user_id = ${userId}`, reason)
}

/**
 * Ends all that the user lets an app do, and forgets that they agreed to it; undefined when there is nothing to end.
 */
export async function removeAuthorizedApp(
  tx: AuditedTx,
  userId: UserId,
  clientId: string,
  reason: string,
): Promise<EndedAccess | undefined> {
  // The consent first: a grant that is being born of it is waited for, and ends with the others.
  const { count } = await tx.execute(sql`
    DELETE FROM consents WHERE user_id = ${userId} AND client_id = ${clientId}`)
  const ended = await endGrants(tx, sql`client_id = ${clientId} AND user_id = ${userId}`, reason)
  return count > 0 || ended.grants.length > 0 ? ended : undefined
}
