import { and, desc, eq, type SQL, sql } from 'drizzle-orm'
import { type AffectedKey, listActiveFamily } from '../api-keys/changes.ts'
import { type AuditEntry, type AuditedTx, auditEntry } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import type { OrganizationId } from '../core/id.ts'
import { byMoment, type Page, type PageRequest, pageOfPositions } from '../core/keyset.ts'
import { narrowConsents } from '../grants/consents.ts'
import { oidcClients } from '../schema/provider.ts'
import { type ClientSecretRow, insertClientSecret, type NewClientSecret, withSecrets } from './client-secrets.ts'

/** A client of an organization, without the digests of its secrets. */
export type OauthAppRow = Omit<typeof oidcClients.$inferSelect, 'secretDigest'> & {
  /** Oldest first. */
  readonly secrets: readonly ClientSecretRow[]
}

export type NewOauthApp = Omit<typeof oidcClients.$inferInsert, 'organizationId' | 'firstParty' | 'secretDigest'>

const { id, name, type, redirectUris, postLogoutRedirectUris, scopes, homepageUri, logoUri } = oidcClients
const { firstParty, organizationId: ownerOrganization, createdBy, createdAt, updatedAt } = oidcClients
const { requirePkce, requirePushedAuthorizationRequests, deviceGrant, idTokenSignedResponseAlg } = oidcClients
const { requireSignedRequestObject, requestObjectSigningAlg } = oidcClients
const { dpopBoundAccessTokens, tokenEndpointAuthMethod, jwks, jwksUri } = oidcClients
const { backchannelLogoutUri, backchannelLogoutSessionRequired } = oidcClients
const { defaultMaxAge, refreshTokenTtl, refreshTokenAbsoluteTtl } = oidcClients
/** All columns except the digest of a secret. */
const columns = {
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
  requirePushedAuthorizationRequests,
  requireSignedRequestObject,
  requestObjectSigningAlg,
  dpopBoundAccessTokens,
  deviceGrant,
  tokenEndpointAuthMethod,
  jwks,
  jwksUri,
  idTokenSignedResponseAlg,
  backchannelLogoutUri,
  backchannelLogoutSessionRequired,
  defaultMaxAge,
  refreshTokenTtl,
  refreshTokenAbsoluteTtl,
}

/** Creates a client of the organization. It is never first-party: only the operator creates those. */
export const insertOauthApp = (
  tx: AuditedTx,
  organizationId: OrganizationId,
  app: NewOauthApp,
  secret: NewClientSecret | undefined,
): Promise<OauthAppRow> => insertClient(tx, { ...app, organizationId, firstParty: false }, secret)

/** Inserts a client with its first secret, if it has one. For this aggregate only. */
export async function insertClient(
  tx: AuditedTx,
  client: Omit<typeof oidcClients.$inferInsert, 'secretDigest'>,
  secret: NewClientSecret | undefined,
): Promise<OauthAppRow> {
  const [row] = await tx.insert(oidcClients).values(client).returning(columns)
  if (!row) throw new Error(`client ${client.id} was not inserted`)
  return { ...row, secrets: secret ? [await insertClientSecret(tx, row.id, secret)] : [] }
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
  const page = pageOfPositions(rows, limit)
  return { ...page, rows: await withSecrets(db, page.rows) }
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
  return row && addSecrets(db, row)
}

/** Finds a client and locks it, so that concurrent changes of it run one after the other. */
export async function lockOauthApp(
  tx: AuditedTx,
  organizationId: OrganizationId,
  clientId: string,
): Promise<Omit<OauthAppRow, 'secrets'> | undefined> {
  const [row] = await tx
    .select(columns)
    .from(oidcClients)
    .where(and(eq(oidcClients.organizationId, organizationId), eq(oidcClients.id, clientId)))
    .for('no key update')
  return row
}

async function addSecrets(db: Queryable, client: Omit<OauthAppRow, 'secrets'>): Promise<OauthAppRow> {
  const [row] = await withSecrets(db, [client])
  if (!row) throw new Error(`client ${client.id} was not read`)
  return row
}

/** Lists the clients that match a condition, newest first. For this aggregate only. */
export const listClients = async (db: Queryable, isListed: SQL): Promise<OauthAppRow[]> =>
  withSecrets(
    db,
    await db
      .select(columns)
      .from(oidcClients)
      .where(isListed)
      .orderBy(desc(oidcClients.createdAt), desc(oidcClients.id)),
  )

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
    | 'requirePushedAuthorizationRequests'
    | 'requireSignedRequestObject'
    | 'requestObjectSigningAlg'
    | 'dpopBoundAccessTokens'
    | 'deviceGrant'
    | 'tokenEndpointAuthMethod'
    | 'jwks'
    | 'jwksUri'
    | 'idTokenSignedResponseAlg'
    | 'backchannelLogoutUri'
    | 'backchannelLogoutSessionRequired'
    | 'defaultMaxAge'
    | 'refreshTokenTtl'
    | 'refreshTokenAbsoluteTtl']?: NewOauthApp[Member] | undefined
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
  return row && addSecrets(tx, row)
}

/** Removes the scopes that a client may no longer request from its grants and consents. For this aggregate only. */
export async function narrowTo(tx: AuditedTx, clientId: string, allowed: readonly string[]): Promise<void> {
  const list = sql`ARRAY[${sql.join(
    allowed.map((scope) => sql`${scope}`),
    sql`, `,
  )}]::text[]`
  const narrowed = sql`ARRAY(SELECT scope FROM unnest(scopes) scope WHERE scope = ANY (${list}))`
  const isWider = sql`client_id = ${clientId} AND NOT scopes <@ ${list}`
  await tx.execute(sql`UPDATE grants SET scopes = ${narrowed} WHERE ${isWider} AND revoked_at IS NULL`)
  await narrowConsents(tx, clientId, allowed)
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
  const keys = await listActiveFamily(
    tx,
    sql`SELECT api_keys.id FROM api_keys JOIN grants ON grants.id = parent_grant_id WHERE client_id = ${clientId}`,
  )
  await tx.delete(oidcClients).where(isClient)
  return keys
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
