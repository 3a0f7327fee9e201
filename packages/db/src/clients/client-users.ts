import type { Database } from '../core/client.ts'
import type { OrganizationId, UserId } from '../core/id.ts'
import { type Page, type PageRequest, pageOf } from '../core/keyset.ts'

/** A user who has an active grant or a saved consent for a client. */
export interface ClientUserRow {
  readonly userId: UserId
  /** Null unless the user is a member of the client's organization or allowed `profile`. */
  readonly name: string | null
  /** Null unless the user is a member of the client's organization or allowed `email`. */
  readonly email: string | null
  readonly scopes: readonly string[]
  /** The number of active grants, mostly one for each device. */
  readonly grants: number
  readonly authorizedAt: Date
  /** When tokens were last issued; null if only the consent is stored. */
  readonly lastSeenAt: Date | null
}

/** Lists a page of the users of a client of the organization, those who allowed it last first. */
export async function listClientUsers(
  { $client }: Database,
  organizationId: OrganizationId,
  clientId: string,
  { limit, after }: PageRequest<number>,
): Promise<Page<ClientUserRow, number>> {
  type Row = Omit<ClientUserRow, 'authorizedAt' | 'lastSeenAt'> & {
    readonly position: number
    readonly lastSeenMs: number | null
  }
  const rows = await $client<Row[]>`
    WITH client AS (
      SELECT id FROM oidc_clients WHERE id = ${clientId} AND organization_id = ${organizationId}
    ), agreed AS (
      SELECT user_id, scopes, created_at FROM consents JOIN client ON client_id = client.id
      UNION ALL
      SELECT user_id, scopes, created_at FROM consent_organizations JOIN client ON client_id = client.id
      UNION ALL
      SELECT user_id, scopes, created_at FROM grants JOIN client ON client_id = client.id
      WHERE revoked_at IS NULL AND expires_at > now()
    ), page AS (
      SELECT user_id, (extract(epoch FROM min(created_at)) * 1000000)::bigint AS since FROM agreed GROUP BY user_id
      HAVING ${
        after
          ? $client`((extract(epoch FROM min(created_at)) * 1000000)::bigint, user_id) < (${String(after.value)}::bigint, ${after.id})`
          : $client`true`
      }
      ORDER BY since DESC, user_id DESC LIMIT ${limit + 1}
    ), known AS (
      SELECT page.*, ARRAY(
        SELECT DISTINCT unnest(scopes) AS scope FROM agreed WHERE agreed.user_id = page.user_id ORDER BY scope
      ) AS scopes, EXISTS (
        SELECT FROM organization_members member
        WHERE member.organization_id = ${organizationId} AND member.user_id = page.user_id
      ) AS is_member FROM page
    )
    SELECT users.id AS "userId", known.scopes,
      CASE WHEN is_member OR 'profile' = ANY (known.scopes) THEN users.name END AS name,
      CASE WHEN is_member OR 'email' = ANY (known.scopes) THEN users.email END AS email,
      live.count AS grants, known.since::float8 AS position,
      extract(epoch FROM live.last_seen_at)::float8 * 1000 AS "lastSeenMs"
    FROM known JOIN users ON users.id = known.user_id
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS count, max(GREATEST(created_at, (
        SELECT max(issued.created_at) FROM oidc_artifacts issued WHERE issued.grant_id = grants.id
      ))) AS last_seen_at
      FROM grants WHERE client_id = ${clientId} AND user_id = known.user_id AND revoked_at IS NULL AND expires_at > now()
    ) live
    ORDER BY known.since DESC, users.id DESC`
  const page = pageOf(rows, limit, ({ position, userId }) => ({ value: position, id: userId }))
  return {
    ...page,
    rows: page.rows.map(({ position, lastSeenMs, ...row }) => ({
      ...row,
      authorizedAt: new Date(position / 1000),
      lastSeenAt: lastSeenMs === null ? null : new Date(lastSeenMs),
    })),
  }
}
