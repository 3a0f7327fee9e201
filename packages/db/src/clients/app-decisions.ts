import type { AppAccessPolicy, AppDecision } from '@daytona-auth/protocol/app-access'
import { and, eq, sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { Database, Queryable } from '../core/client.ts'
import type { OrganizationId, UserId } from '../core/id.ts'
import { byId, type Page, type PageRequest, pageOf } from '../core/keyset.ts'
import { isAppAllowed } from '../principals/app-access.ts'
import { appDecisions } from '../schema/app-access.ts'
import { oidcClients } from '../schema/provider.ts'

/** What an organization decided about an app of someone else. */
export interface AppDecisionRow {
  readonly clientId: string
  readonly name: string
  readonly homepageUri: string | null
  readonly decision: AppDecision
  /** Null if that account was deleted. */
  readonly decidedBy: UserId | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

const { organizationId: ofOrganization, clientId, decision, decidedBy, createdAt, updatedAt } = appDecisions

/** Lists a page of the organization's decisions, by the client id. */
export async function listAppDecisions(
  db: Queryable,
  organizationId: OrganizationId,
  { limit, after }: PageRequest<null>,
): Promise<Page<AppDecisionRow, null>> {
  const { orderBy, behind } = byId(clientId, 'asc', after)
  const rows = await db
    .select({
      clientId,
      name: oidcClients.name,
      homepageUri: oidcClients.homepageUri,
      decision,
      decidedBy,
      createdAt,
      updatedAt,
    })
    .from(appDecisions)
    .innerJoin(oidcClients, eq(oidcClients.id, clientId))
    .where(and(eq(ofOrganization, organizationId), behind))
    .orderBy(orderBy)
    .limit(limit + 1)
  return pageOf(rows, limit, (row) => ({ value: null, id: row.clientId }))
}

export const countAppDecisions = (db: Queryable, organizationId: OrganizationId): Promise<number> =>
  db.$count(appDecisions, eq(ofOrganization, organizationId))

/** An app that an organization may decide about. */
export interface DecidableApp {
  readonly name: string
  readonly homepageUri: string | null
}

/**
 * Finds an app that the organization may decide about and keeps it until the transaction ends. Undefined for an unknown one,
 * and for those that no decision restricts: first-party apps and the organization's own.
 */
export async function lockDecidableApp(
  tx: AuditedTx,
  organizationId: OrganizationId,
  id: string,
): Promise<DecidableApp | undefined> {
  const [app] = await tx
    .select({ name: oidcClients.name, homepageUri: oidcClients.homepageUri })
    .from(oidcClients)
    .where(
      and(
        eq(oidcClients.id, id),
        eq(oidcClients.firstParty, false),
        sql`${oidcClients.organizationId} IS DISTINCT FROM ${organizationId}`,
      ),
    )
    .for('key share')
  return app
}

/** Stores a decision in place of the one before, after `lockDecidableApp`. Returns that one, or null. */
export async function setAppDecision(
  tx: AuditedTx,
  organizationId: OrganizationId,
  set: { readonly clientId: string; readonly decision: AppDecision; readonly decidedBy: UserId },
): Promise<{ readonly before: AppDecision | null; readonly createdAt: Date; readonly updatedAt: Date }> {
  const [before] = await tx.select({ decision }).from(appDecisions).where(of(organizationId, set.clientId))
  const [row] = await tx
    .insert(appDecisions)
    .values({ organizationId, ...set })
    .onConflictDoUpdate({
      target: [ofOrganization, clientId],
      set: { decision: set.decision, decidedBy: set.decidedBy, updatedAt: sql`now()` },
    })
    .returning({ createdAt, updatedAt })
  if (!row) throw new Error(`the decision about ${set.clientId} was not stored`)
  return { before: before?.decision ?? null, ...row }
}

/** Deletes a decision: the policy of the organization counts again. Undefined if there is none. */
export async function deleteAppDecision(
  tx: AuditedTx,
  organizationId: OrganizationId,
  id: string,
): Promise<{ readonly decision: AppDecision } | undefined> {
  const [row] = await tx.delete(appDecisions).where(of(organizationId, id)).returning({ decision })
  return row
}

const of = (organizationId: OrganizationId, id: string) => and(eq(ofOrganization, organizationId), eq(clientId, id))

/** What another policy would end. */
export interface AppAccessPreview {
  /** The number of apps that would lose access. */
  readonly appCount: number
  /** The number of members who use one of them. */
  readonly memberCount: number
  /** Those with the most members first. */
  readonly apps: readonly PreviewedApp[]
}

export interface PreviewedApp {
  readonly clientId: string
  readonly name: string
  readonly homepageUri: string | null
  readonly members: number
}

/** The number of apps that a preview names. */
export const MAX_PREVIEWED_APPS = 100

/** Finds the apps in use by members that the organization allows now and would deny under the given policy. */
export async function previewAppAccess(
  { $client }: Pick<Database, '$client'>,
  organizationId: OrganizationId,
  policy: AppAccessPolicy,
): Promise<AppAccessPreview> {
  const [found] = await $client<AppAccessPreview[]>`
    WITH used AS (
      SELECT DISTINCT grants.client_id, grants.user_id
      FROM organization_members member JOIN grants ON grants.user_id = member.user_id
      WHERE member.organization_id = ${organizationId} AND ${organizationId} = ANY (grants.organization_ids)
        AND grants.revoked_at IS NULL AND grants.expires_at > now()
    ), ended AS (
      SELECT c.id, c.name, c.homepage_uri FROM oidc_clients c
      WHERE c.id IN (SELECT client_id FROM used)
        AND EXISTS (SELECT FROM organizations o WHERE o.id = ${organizationId} AND ${$client.unsafe(isAppAllowed())})
        AND NOT EXISTS (
          SELECT FROM (SELECT ${organizationId}::text AS id, ${policy}::app_access_policy AS app_access) o
          WHERE ${$client.unsafe(isAppAllowed())})
    ), counted AS (
      SELECT ended.id, name, homepage_uri, count(*)::int AS members FROM ended JOIN used ON used.client_id = ended.id
      GROUP BY ended.id, name, homepage_uri
    )
    SELECT (SELECT count(*)::int FROM counted) AS "appCount",
      (SELECT count(DISTINCT user_id)::int FROM used JOIN ended ON ended.id = client_id) AS "memberCount",
      coalesce((
        SELECT json_agg(json_build_object('clientId', id, 'name', name, 'homepageUri', homepage_uri, 'members', members)
          ORDER BY members DESC, id)
        FROM (SELECT * FROM counted ORDER BY members DESC, id LIMIT ${MAX_PREVIEWED_APPS}) first
      ), '[]') AS apps`
  if (!found) throw new Error('the preview has no row')
  return found
}
