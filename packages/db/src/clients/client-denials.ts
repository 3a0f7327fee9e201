import { and, desc, eq, gt, sql } from 'drizzle-orm'
import type { Queryable } from '../core/client.ts'
import type { OrganizationId } from '../core/id.ts'
import { type ClientDenialReason, oidcClientDenials, oidcClients } from '../schema/provider.ts'

/** Refused requests of a client for one reason. */
export interface ClientDenial {
  readonly clientId: string
  readonly reason: ClientDenialReason
  /** The redirect URI that was sent, without user, query and fragment. Empty for other reasons. */
  readonly redirectUri: string
  readonly count: number
  readonly firstAt: Date
  readonly lastAt: Date
}

/** The most rows of a client. Anyone can send requests with its id. */
export const MAX_DENIALS = 20
/** How long a row is kept after the last request that it counts. */
const KEPT = sql`interval '30 days'`

/**
 * Adds counted denials, at most one for each client, reason and URI. As `recordUsage`, it has no audit event, because it is
 * no change by a user. Clients that were deleted in the meantime, and those of the operator, are left out. The rows of a
 * client that were not counted for longest are deleted, if there are too many.
 */
export async function recordClientDenials(db: Queryable, denials: readonly ClientDenial[]): Promise<void> {
  const list = (values: readonly string[]) => sql.param(`{${values.map((value) => JSON.stringify(value)).join(',')}}`)
  const ids = list([...new Set(denials.map(({ clientId }) => clientId))])
  // The client first, as its deletion does, and rows in the order of their keys, so that nothing deadlocks.
  await db.execute(sql`
    WITH known AS MATERIALIZED (
      SELECT id FROM oidc_clients WHERE id = ANY (${ids}::text[]) AND organization_id IS NOT NULL
      ORDER BY id FOR KEY SHARE
    )
    INSERT INTO oidc_client_denials AS denial (client_id, reason, redirect_uri, count, first_at, last_at)
    SELECT counted.* FROM unnest(${list(denials.map(({ clientId }) => clientId))}::text[],
      ${list(denials.map(({ reason }) => reason))}::text[],
      ${list(denials.map(({ redirectUri }) => redirectUri))}::text[],
      ${list(denials.map(({ count }) => String(count)))}::bigint[],
      ${list(denials.map(({ firstAt }) => firstAt.toISOString()))}::timestamptz[],
      ${list(denials.map(({ lastAt }) => lastAt.toISOString()))}::timestamptz[])
      AS counted (client_id, reason, redirect_uri, count, first_at, last_at)
    JOIN known ON known.id = counted.client_id
    ORDER BY counted.client_id, counted.reason, counted.redirect_uri
    ON CONFLICT (client_id, reason, redirect_uri) DO UPDATE SET
      count = denial.count + excluded.count,
      first_at = LEAST(denial.first_at, excluded.first_at),
      last_at = GREATEST(denial.last_at, excluded.last_at)`)
  // Rows that another process is counting are left to it.
  await db.execute(sql`
    WITH ranked AS (
      SELECT client_id, reason, redirect_uri, last_at,
        row_number() OVER (PARTITION BY client_id ORDER BY last_at DESC, reason, redirect_uri) AS position
      FROM oidc_client_denials WHERE client_id = ANY (${ids}::text[])
    ), excess AS (
      SELECT denial.client_id, denial.reason, denial.redirect_uri
      FROM oidc_client_denials denial JOIN ranked USING (client_id, reason, redirect_uri)
      WHERE position > ${MAX_DENIALS} OR ranked.last_at < now() - ${KEPT}
      FOR UPDATE OF denial SKIP LOCKED
    )
    DELETE FROM oidc_client_denials denial USING excess
    WHERE (denial.client_id, denial.reason, denial.redirect_uri)
      = (excess.client_id, excess.reason, excess.redirect_uri)`)
}

/** Lists the denials of a client of the organization within the time that they are kept, the latest first. */
export async function listClientDenials(
  db: Queryable,
  organizationId: OrganizationId,
  clientId: string,
): Promise<ClientDenial[]> {
  const rows = await db
    .select({ denial: oidcClientDenials })
    .from(oidcClientDenials)
    .innerJoin(oidcClients, eq(oidcClients.id, oidcClientDenials.clientId))
    .where(
      and(
        eq(oidcClientDenials.clientId, clientId),
        eq(oidcClients.organizationId, organizationId),
        gt(oidcClientDenials.lastAt, sql`now() - ${KEPT}`),
      ),
    )
    .orderBy(desc(oidcClientDenials.lastAt), oidcClientDenials.reason, oidcClientDenials.redirectUri)
    .limit(MAX_DENIALS)
  return rows.map(({ denial }) => denial)
}
