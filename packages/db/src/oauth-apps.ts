import { and, desc, eq } from 'drizzle-orm'
import type { AuditedTx } from './audit.ts'
import type { Queryable } from './client.ts'
import type { OrganizationId } from './id.ts'
import { oidcClients } from './schema/provider.ts'

/** An organization's client, without the digest of its secret. */
export type OauthAppRow = Omit<typeof oidcClients.$inferSelect, 'secretDigest'>

export type NewOauthApp = Omit<typeof oidcClients.$inferInsert, 'organizationId' | 'firstParty'>

const { id, name, type, redirectUris, postLogoutRedirectUris, scopes, homepageUri, logoUri } = oidcClients
const { firstParty, organizationId: ofOrganization, createdBy, createdAt, updatedAt } = oidcClients
const columns = {
  ...{ id, name, type, redirectUris, postLogoutRedirectUris, scopes, homepageUri, logoUri },
  ...{ firstParty, organizationId: ofOrganization, createdBy, createdAt, updatedAt },
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

/** Deletes a client and, by trigger, kills its grants. False when the organization has none of that id. */
export async function deleteOauthApp(
  tx: AuditedTx,
  organizationId: OrganizationId,
  clientId: string,
): Promise<boolean> {
  const deleted = await tx
    .delete(oidcClients)
    .where(and(eq(oidcClients.organizationId, organizationId), eq(oidcClients.id, clientId)))
    .returning({ id: oidcClients.id })
  return deleted.length > 0
}
