import { and, eq, type SQL, sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { Database, Queryable } from '../core/client.ts'
import type { OrganizationId, ResourceServerId } from '../core/id.ts'
import { byMoment, type Page, type PageRequest, pageOfPositions } from '../core/keyset.ts'
import { IS_ACTIVE } from '../grants/grants.ts'
import { isAppAllowed } from '../principals/app-access.ts'
import { resourceServers } from '../schema/provider.ts'

export type ResourceServerRow = typeof resourceServers.$inferSelect

export type NewResourceServer = Pick<
  typeof resourceServers.$inferInsert,
  'id' | 'identifier' | 'name' | 'scopes' | 'createdBy'
>

/** Inserts a resource server. `undefined` if its identifier is registered, by any organization: the index decides. */
export async function insertResourceServer(
  tx: AuditedTx,
  organizationId: OrganizationId,
  resourceServer: NewResourceServer,
): Promise<ResourceServerRow | undefined> {
  const [row] = await tx
    .insert(resourceServers)
    .values({ ...resourceServer, organizationId })
    .onConflictDoNothing()
    .returning()
  return row
}

/** Lists a page of the organization's resource servers, newest first. */
export async function listResourceServers(
  db: Queryable,
  organizationId: OrganizationId,
  { limit, after }: PageRequest<number>,
): Promise<Page<ResourceServerRow, number>> {
  const { orderBy, behind, value } = byMoment(resourceServers.createdAt, resourceServers.id, 'desc', after)
  const rows = await db
    .select({ row: resourceServers, value })
    .from(resourceServers)
    .where(and(eq(resourceServers.organizationId, organizationId), behind))
    .orderBy(orderBy)
    .limit(limit + 1)
  return pageOfPositions(rows, limit)
}

export async function findResourceServer(
  db: Queryable,
  organizationId: OrganizationId,
  id: string,
): Promise<ResourceServerRow | undefined> {
  const [row] = await db.select().from(resourceServers).where(of(organizationId, id))
  return row
}

/**
 * Changes a resource server; its identifier cannot be changed, because it is the audience of issued tokens. `undefined` if
 * the organization has none of that id.
 */
export async function updateResourceServer(
  tx: AuditedTx,
  organizationId: OrganizationId,
  id: string,
  change: { readonly [Member in 'name' | 'scopes' | 'enabled']?: ResourceServerRow[Member] | undefined },
): Promise<ResourceServerRow | undefined> {
  const [row] = await tx
    .update(resourceServers)
    .set({ ...change, updatedAt: sql`now()` })
    .where(of(organizationId, id))
    .returning()
  return row
}

/** Deletes a resource server: nothing is issued for its grants any more. `undefined` if the organization has none. */
export async function deleteResourceServer(
  tx: AuditedTx,
  organizationId: OrganizationId,
  id: string,
): Promise<ResourceServerRow | undefined> {
  const [row] = await tx.delete(resourceServers).where(of(organizationId, id)).returning()
  return row
}

const of = (organizationId: OrganizationId, id: string): SQL | undefined =>
  and(eq(resourceServers.organizationId, organizationId), eq(resourceServers.id, id as ResourceServerId)) // compared only

/** A resource server for which tokens are issued, as the provider needs it. */
export interface ActiveResourceServer {
  readonly id: ResourceServerId
  readonly identifier: string
  readonly name: string
  readonly organizationName: string
  /** Whether it is the personal organization of one account, whose name says nothing. */
  readonly isOfPerson: boolean
  readonly scopes: ResourceServerRow['scopes']
}

/**
 * Finds the resource server of that identifier, of any organization: for the provider. Undefined if it is disabled or its
 * organization is suspended.
 */
export async function findActiveResourceServer(
  { $client }: Pick<Database, '$client'>,
  identifier: string,
): Promise<ActiveResourceServer | undefined> {
  const [row] = await $client<ActiveResourceServer[]>`
    SELECT server.id, server.identifier, server.name, server.scopes,
      organization.name AS "organizationName", organization.personal AS "isOfPerson"
    FROM resource_servers server JOIN organizations organization ON organization.id = server.organization_id
    WHERE server.identifier = ${identifier} AND ${$client.unsafe(IS_ACTIVE)}`
  return row
}

/** Whether the organization of a resource server allows the client, as for its members. */
export async function isAllowedResource(
  { $client }: Pick<Database, '$client'>,
  id: ResourceServerId,
  clientId: string,
): Promise<boolean> {
  const rows = await $client`
    SELECT FROM resource_servers server JOIN organizations o ON o.id = server.organization_id
      JOIN oidc_clients c ON c.id = ${clientId}
    WHERE server.id = ${id} AND ${$client.unsafe(isAppAllowed())}`
  return rows.length > 0
}

/** A verified token for an audience other than ours. */
export interface ResourceTokenClaims {
  readonly audience: string
  readonly grantId: string
  readonly userId: string
  readonly clientId: string
  /** The id of the signing key. */
  readonly kid: string
}

/** The facts that decide about a token for a resource server. */
export interface ResourceTokenFacts {
  /** The organization of the resource server, whose clients may introspect the token. */
  readonly organizationId: OrganizationId
  /** The scopes of the grant that the resource server still has. */
  readonly scopes: readonly string[]
  /** Milliseconds since the epoch. */
  readonly grantExpiresAt: number
}

/**
 * Finds the facts of a token in one statement. `undefined` if its grant ended, its user, client or signing key does not
 * exist, or its resource server is deleted, disabled, or of an organization that is suspended or denies the client.
 */
export async function findResourceTokenFacts(
  { $client }: Pick<Database, '$client'>,
  { audience, grantId, userId, clientId, kid }: ResourceTokenClaims,
): Promise<ResourceTokenFacts | undefined> {
  const [row] = await $client<ResourceTokenFacts[]>`
    SELECT server.organization_id AS "organizationId",
      ARRAY(SELECT scope FROM unnest(g.resource_scopes) scope
        WHERE server.scopes @> jsonb_build_array(jsonb_build_object('name', scope))) AS scopes,
      (extract(epoch FROM g.expires_at) * 1000)::float8 AS "grantExpiresAt"
    FROM grants g JOIN users u ON u.id = g.user_id AND u.disabled_at IS NULL
      JOIN oidc_clients c ON c.id = g.client_id
      JOIN signing_keys k ON k.kid = ${kid}
      JOIN resource_servers server ON server.id = g.resource_server_id AND server.identifier = ${audience}
      JOIN organizations organization ON organization.id = server.organization_id
    WHERE g.id = ${grantId} AND g.user_id = ${userId} AND g.client_id = ${clientId}
      AND g.revoked_at IS NULL AND g.expires_at > now() AND ${$client.unsafe(IS_ACTIVE)}
      AND ${$client.unsafe(isAppAllowed('organization'))}`
  return row
}
