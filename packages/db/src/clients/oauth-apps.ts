import { and, eq, type SQL, sql } from 'drizzle-orm'
import type { AffectedKey } from '../api-keys/changes.ts'
import { type AuditEntry, type AuditedTx, auditEntry } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import type { ApiKeyId, OrganizationId } from '../core/id.ts'
import { byMoment, type Page, type PageRequest, pageOfPositions } from '../core/keyset.ts'
import { narrowConsents } from '../grants/consents.ts'
import { oidcClients } from '../schema/provider.ts'

/** A client of an organization, without the digest of its secret. */
export type OauthAppRow = Omit<typeof oidcClients.$inferSelect, 'secretDigest'>

export type NewOauthApp = Omit<typeof oidcClients.$inferInsert, 'organizationId' | 'firstParty'>

const { id, name, type, redirectUris, postLogoutRedirectUris, scopes, homepageUri, logoUri } = oidcClients
const { firstParty, organizationId: ownerOrganization, createdBy, createdAt, updatedAt } = oidcClients
const { requirePkce, deviceGrant, idTokenSignedResponseAlg } = oidcClients
/** All columns except the digest of the secret. */
export const columns = {
  id,
  name,
  type,
  redirectUris,
  postLogoutRedirectUris,
  scopes,
  homepageUri,
  logoUri,
  firstParty,
  organizationId: ownerOrganization,
  createdBy,
  createdAt,
  updatedAt,
  requirePkce,
  deviceGrant,
  idTokenSignedResponseAlg,
}

/** Creates a client of the organization. It is never first-party: only the operator creates those. */
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

/** Lists a page of the organization's clients, newest first. */
export async function listOauthApps(
  db: Queryable,
  organizationId: OrganizationId,
  { limit, after }: PageRequest<number>,
): Promise<Page<OauthAppRow, number>> {
  const { orderBy, behind, value } = byMoment(oidcClients.createdAt, oidcClients.id, 'desc', after)
  const rows = await db
    .select({ row: columns, value })
    .from(oidcClients)
    .where(and(eq(oidcClients.organizationId, organizationId), behind))
    .orderBy(orderBy)
    .limit(limit + 1)
  return pageOfPositions(rows, limit)
}

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

/** The members of a client that may change: neither its type nor its owner. */
export type OauthAppChange = {
  readonly [Member in
    | 'name'
    | 'redirectUris'
    | 'postLogoutRedirectUris'
    | 'scopes'
    | 'homepageUri'
    | 'logoUri'
    | 'requirePkce'
    | 'deviceGrant'
    | 'idTokenSignedResponseAlg']?: NewOauthApp[Member] | undefined
}

/**
 * Changes a client. A removed scope is removed from its grants and consents too, so that its tokens lose it. If the scope is
 * added again, it requires a new consent. `undefined` if the organization has no client of that id.
 */
export async function updateOauthApp(
  tx: AuditedTx,
  organizationId: OrganizationId,
  clientId: string,
  change: OauthAppChange,
): Promise<OauthAppRow | undefined> {
  const [row] = await tx
    .update(oidcClients)
    .set({ ...change, updatedAt: sql`now()` })
    .where(and(eq(oidcClients.organizationId, organizationId), eq(oidcClients.id, clientId)))
    .returning(columns)
  if (row && change.scopes) await narrowTo(tx, clientId, ['openid', ...change.scopes])
  return row
}

async function narrowTo(tx: AuditedTx, clientId: string, allowed: readonly string[]): Promise<void> {
  const list = sql`ARRAY[${sql.join(
    allowed.map((scope) => sql`${scope}`),
    sql`, `,
  )}]::text[]`
  const narrowed = sql`ARRAY(SELECT scope FROM unnest(scopes) scope WHERE scope = ANY (${list}))`
  const isWider = sql`client_id = ${clientId} AND NOT scopes <@ ${list}`
  await tx.execute(sql`UPDATE grants SET scopes = ${narrowed} WHERE ${isWider} AND revoked_at IS NULL`)
  await narrowConsents(tx, clientId, allowed)
}

/** Replaces the secret of a client. The previous one is invalid at once. */
export async function replaceOauthAppSecret(
  tx: AuditedTx,
  organizationId: OrganizationId,
  clientId: string,
  secretDigest: Uint8Array,
): Promise<OauthAppRow | undefined> {
  const [row] = await tx
    .update(oidcClients)
    .set({ secretDigest, updatedAt: sql`now()` })
    .where(and(eq(oidcClients.organizationId, organizationId), eq(oidcClients.id, clientId)))
    .returning(columns)
  return row
}

/**
 * Deletes a client and revokes, by trigger, its grants and the keys made with them. Returns those keys; `undefined` if the
 * organization has no client of that id.
 */
export async function deleteOauthApp(
  tx: AuditedTx,
  organizationId: OrganizationId,
  clientId: string,
): Promise<AffectedKey[] | undefined> {
  return deleteClient(tx, clientId, eq(oidcClients.organizationId, organizationId))
}

/** Deletes the client of that id if its row matches `isOwned`. For this aggregate only. */
export async function deleteClient(tx: AuditedTx, clientId: string, isOwned: SQL): Promise<AffectedKey[] | undefined> {
  const isClient = and(isOwned, eq(oidcClients.id, clientId))
  const [client] = await tx.select({ id: oidcClients.id }).from(oidcClients).where(isClient).for('update')
  if (!client) return undefined
  const keys = await tx.execute<{ id: ApiKeyId; organizationId: OrganizationId; name: string }>(sql`
    WITH RECURSIVE made AS (
      SELECT api_keys.id FROM api_keys JOIN grants ON grants.id = parent_grant_id WHERE client_id = ${clientId}
      UNION SELECT child.id FROM api_keys child JOIN made ON child.parent_key_id = made.id
    ) SELECT id, organization_id AS "organizationId", name FROM api_keys JOIN made USING (id) WHERE status = 'active'`)
  await tx.delete(oidcClients).where(isClient)
  return [...keys]
}

/**
 * Returns the audit entries of keys that were revoked with the client that they were made with. The keys may belong to other
 * organizations: those see that the client was deleted, but not who deleted it.
 */
export const keysOfClientEntries = (keys: readonly AffectedKey[], clientId: string): AuditEntry[] =>
  keys.map(({ id: keyId, name: keyName, organizationId }) =>
    auditEntry('api_key.delete', {
      organizationId,
      actorId: null,
      actorEmail: null,
      source: 'system',
      targetId: keyId,
      metadata: { keyId, keyName, deletedWithClientId: clientId },
    }),
  )
