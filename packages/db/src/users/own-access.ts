import { eq, sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { Database } from '../core/client.ts'
import type { GrantId, OrganizationId, ResourceServerId, UserId } from '../core/id.ts'
import { type Page, type PageRequest, pageOf } from '../core/keyset.ts'
import { type EndedAccess, endGrants } from '../grants/grants.ts'
import { users } from '../schema/users.ts'

/** A browser session of a user. */
export interface SessionRow {
  /** Identifies the session and is no credential: its cookie has another value. */
  readonly id: string
  /** Milliseconds since the epoch, as all instants in this file. */
  readonly signedInAt: number
  readonly createdAt: number
  readonly expiresAt: number
  /** The last authorization or refresh in this session. */
  readonly lastSeenAt: number
  /** The browser and its address at the last authorization; null for a session of an earlier release. */
  readonly userAgent: string | null
  readonly ipAddress: string | null
  /** Whether the given grant was made in this session. */
  readonly isCurrent: boolean
  /** The apps with an active grant that was made in this session. */
  readonly apps: readonly { readonly clientId: string; readonly name: string }[]
}

/** An API with its own audience that an app may call as the user. */
export interface AuthorizedResourceServer {
  readonly id: ResourceServerId
  readonly identifier: string
  readonly name: string
  readonly scopes: readonly string[]
}

/** An app that has an active grant or a saved consent of the user. */
export interface AuthorizedAppRow {
  readonly clientId: string
  readonly name: string
  readonly firstParty: boolean
  readonly homepageUri: string | null
  readonly logoUri: string | null
  /** The scopes of the consent and of the active grants. */
  readonly scopes: readonly string[]
  /** The APIs with their own audience that it has active grants for, by name, each with the granted scopes that it still has. */
  readonly resourceServers: readonly AuthorizedResourceServer[]
  /** Null if the app can act in all organizations of the user. */
  readonly organizationIds: readonly OrganizationId[] | null
  /** The number of active grants, mostly one for each device. */
  readonly grants: number
  /** Milliseconds since the epoch. */
  readonly authorizedAt: number
  /** When tokens were last issued to it; null if only the consent is stored. */
  readonly lastSeenAt: number | null
}

const MS = 1000

/** Lists a page of the user's sessions, the newest sign-in first. `grantId` is the grant of the request; null if it has none. */
export async function listSessions(
  { $client }: Database,
  userId: UserId,
  grantId: GrantId | null,
  { limit, after }: PageRequest<number>,
): Promise<Page<SessionRow, number>> {
  const signedInAt = $client`
    (coalesce((payload ->> 'loginTs')::float8, extract(epoch FROM created_at)::float8) * 1000000)::bigint`
  const rows = await $client<(SessionRow & { position: number })[]>`
    SELECT session.uid AS id, extract(epoch FROM expires_at)::float8 * ${MS} AS "expiresAt",
      ${signedInAt}::float8 / 1000 AS "signedInAt", ${signedInAt}::float8 AS position,
      extract(epoch FROM session.created_at)::float8 * ${MS} AS "createdAt",
      extract(epoch FROM GREATEST(session.created_at, to_timestamp((payload -> 'seen' ->> 'at')::float8), (
        SELECT max(issued.created_at) FROM grants JOIN oidc_artifacts issued ON issued.grant_id = grants.id
        WHERE grants.session_uid = session.uid AND grants.user_id = ${userId}
      )))::float8 * ${MS} AS "lastSeenAt",
      payload -> 'seen' ->> 'userAgent' AS "userAgent", payload -> 'seen' ->> 'address' AS "ipAddress",
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

/** Lists a page of the apps with an active grant or a saved consent of the user, by name. */
export async function listAuthorizedApps(
  { $client }: Database,
  userId: UserId,
  { limit, after }: PageRequest<string>,
): Promise<Page<AuthorizedAppRow, string>> {
  const rows = await $client<AuthorizedAppRow[]>`
    WITH agreed AS (
      SELECT client_id, scopes, '{}'::text[] AS organization_ids, false AS everywhere, created_at, 0 AS live,
        NULL::timestamptz AS last_seen_at
      FROM consents WHERE user_id = ${userId}
      UNION ALL
      SELECT client_id, scopes, ARRAY[organization_id], false, created_at, 0, NULL
      FROM consent_organizations WHERE user_id = ${userId}
      UNION ALL
      SELECT client_id, scopes, organization_ids, organization_ids IS NULL, created_at, 1, GREATEST(created_at, (
        SELECT max(issued.created_at) FROM oidc_artifacts issued WHERE issued.grant_id = grants.id))
      FROM grants WHERE user_id = ${userId} AND revoked_at IS NULL AND expires_at > now()
    ), by_client AS (
      SELECT client_id, bool_or(everywhere) AS everywhere, sum(live)::int AS grants, min(created_at) AS since,
        max(last_seen_at) AS last_seen_at
      FROM agreed GROUP BY client_id
    )
    SELECT id AS "clientId", name, first_party AS "firstParty", homepage_uri AS "homepageUri", logo_uri AS "logoUri",
      grants, extract(epoch FROM since)::float8 * ${MS} AS "authorizedAt",
      extract(epoch FROM last_seen_at)::float8 * ${MS} AS "lastSeenAt",
      ARRAY(
        SELECT DISTINCT unnest(scopes) AS scope FROM agreed WHERE agreed.client_id = id ORDER BY scope
      ) AS scopes,
      coalesce((
        SELECT json_agg(json_build_object(
          'id', server.id, 'identifier', server.identifier, 'name', server.name, 'scopes', ARRAY(
            SELECT scope ->> 'name' FROM jsonb_array_elements(server.scopes) scope
            WHERE scope ->> 'name' = ANY (granted.scopes) ORDER BY scope ->> 'name')
          ) ORDER BY server.name, server.id)
        FROM (
          SELECT resource_server_id, array_agg(scope) AS scopes
          FROM grants LEFT JOIN unnest(resource_scopes) scope ON true
          WHERE user_id = ${userId} AND grants.client_id = oidc_clients.id AND revoked_at IS NULL AND expires_at > now()
          GROUP BY resource_server_id
        ) granted JOIN resource_servers server ON server.id = granted.resource_server_id
      ), '[]') AS "resourceServers",
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
 * Locks the user, so that concurrent revocations by the user run one after the other. Returns the user's personal
 * organization, whose trail records them; undefined if the user is disabled or deleted.
 */
export async function lockUser(tx: AuditedTx, userId: UserId): Promise<OrganizationId | undefined> {
  const [locked] = await tx.execute<{ id: OrganizationId }>(sql`
    SELECT organizations.id FROM users
    JOIN organizations ON organizations.created_by = users.id AND organizations.personal
    WHERE users.id = ${userId} AND users.disabled_at IS NULL FOR NO KEY UPDATE OF users`)
  return locked?.id
}

export async function renameUser(tx: AuditedTx, userId: UserId, name: string): Promise<void> {
  await tx.update(users).set({ name, updatedAt: sql`now()` }).where(eq(users.id, userId))
}

/** What apps may know of a person because the person has chosen it. */
export interface Preferences {
  /** As a BCP 47 tag; null: mails are in the language of the last sign-in, and apps get none. */
  readonly chosenLanguage: string | null
  /** In the IANA database. */
  readonly timeZone: string | null
}

/**
 * Stores what a person has chosen.
 *
 * @param browserLanguage that of the page, for mails if no language is chosen
 */
export async function choosePreferences(
  tx: AuditedTx,
  userId: UserId,
  { chosenLanguage, timeZone }: Preferences,
  browserLanguage: string,
): Promise<void> {
  const kept = chosenLanguage === null ? { language: browserLanguage } : {}
  await tx
    .update(users)
    .set({ chosenLanguage, timeZone, ...kept, updatedAt: sql`now()` })
    .where(eq(users.id, userId))
}

/** Ends a session of the user and revokes the grants made in it; undefined if the user has no session of that id. */
export async function endUserSession(
  tx: AuditedTx,
  userId: UserId,
  uid: string,
  reason: string,
): Promise<EndedAccess | undefined> {
  // The session first: this waits for a concurrent insertion of a grant in it, which is then revoked with the others.
  const { count } = await tx.execute(sql`
    DELETE FROM oidc_artifacts
    WHERE model = 'Session' AND uid = ${uid} AND account_id = ${userId} AND expires_at > now()`)
  return count === 0 ? undefined : endGrants(tx, sql`session_uid = ${uid} AND user_id = ${userId}`, reason)
}

/** Revokes the grants of an app for the user and deletes the consent; undefined if there is neither. */
export async function removeAuthorizedApp(
  tx: AuditedTx,
  userId: UserId,
  clientId: string,
  reason: string,
): Promise<EndedAccess | undefined> {
  // The consent first: this waits for a concurrent insertion of a grant that needs it, which is then revoked too.
  const { count } = await tx.execute(sql`
    DELETE FROM consents WHERE user_id = ${userId} AND client_id = ${clientId}`)
  const ended = await endGrants(tx, sql`client_id = ${clientId} AND user_id = ${userId}`, reason)
  return count > 0 || ended.grants.length > 0 ? ended : undefined
}
