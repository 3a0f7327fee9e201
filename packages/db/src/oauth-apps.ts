import { and, desc, eq, sql } from 'drizzle-orm'
import type { AffectedKey } from './api-key-changes.ts'
import type { AuditedTx } from './audit.ts'
import type { Queryable } from './client.ts'
import type { ApiKeyId, OrganizationId } from './id.ts'
import { oidcClients } from './schema/provider.ts'

/** An organization's client, without the digest of its secret. */
export type OauthAppRow = Omit<typeof oidcClients.$inferSelect, 'secretDigest'>

export type NewOauthApp = Omit<typeof oidcClients.$inferInsert, 'organizationId' | 'firstParty'>

const { id, name, type, redirectUris, postLogoutRedirectUris, scopes, homepageUri, logoUri } = oidcClients
const { firstParty, organizationId: itsOrganization, createdBy, createdAt, updatedAt } = oidcClients
const columns = {
  ...{ id, name, type, redirectUris, postLogoutRedirectUris, scopes, homepageUri, logoUri },
  ...{ firstParty, organizationId: itsOrganization, createdBy, createdAt, updatedAt },
}

/** Makes a client of the organization's. It is never a first-party one: only the operator makes those. */
export async function insertOauthApp(
  tx: AuditedTx,
  organizationId: OrganizationId,
  app: NewOauthApp,
): Promise<OauthAppRow> {
  const [row] = await tx
    .insert(oidcClients)
    .values({ ...app, organizationId, firstParty: false })
    .returning(columns)
  if (!row) throw new Error(`client ${app.id} was not inserted`)
  return row
}

/** The organization's clients, newest first. */
export const listOauthApps = (db: Queryable, organizationId: OrganizationId): Promise<OauthAppRow[]> =>
  db
    .select(columns)
    .from(oidcClients)
    .where(eq(oidcClients.organizationId, organizationId))
    .orderBy(desc(oidcClients.createdAt), desc(oidcClients.id))

export async function findOauthApp(
  db: Queryable,
  organizationId: OrganizationId,
  clientId: string,
): Promise<OauthAppRow | undefined> {
  const [row] = await db
    .select(columns)
    .from(oidcClients)
    .where(and(eq(oidcClients.organizationId, organizationId), eq(oidcClients.id, clientId)))
  return row
}

/**
 * Deletes a client; by trigger its grants are killed and the keys that were made with them. Returns those keys;
 * `undefined` when the organization has no client of that id.
 */
export async function deleteOauthApp(
  tx: AuditedTx,
  organizationId: OrganizationId,
  clientId: string,
): Promise<AffectedKey[] | undefined> {
  const ofOrganization = and(eq(oidcClients.organizationId, organizationId), eq(oidcClients.id, clientId))
  const [client] = await tx.select({ id: oidcClients.id }).from(oidcClients).where(ofOrganization).for('update')
  if (!client) return undefined
  const keys = await tx.execute<{ id: ApiKeyId; organizationId: OrganizationId; name: string }>(sql`
    WITH RECURSIVE made AS (
      SELECT api_keys.id FROM api_keys JOIN grants ON grants.id = parent_grant_id WHERE client_id = ${clientId}
      UNION SELECT child.id FROM api_keys child JOIN made ON child.parent_key_id = made.id
    ) SELECT id, organization_id AS "organizationId", name FROM api_keys JOIN made USING (id) WHERE status = 'active'`)
  await tx.delete(oidcClients).where(ofOrganization)
  return [...keys]
}
