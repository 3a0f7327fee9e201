import { isDeepStrictEqual } from 'node:util'
import { and, desc, eq, gt, isNotNull, lt, sql } from 'drizzle-orm'
import { SCHEDULED_TASK } from '../audit/authority.ts'
import { type AuditEntry, type AuditedTx, auditEntry, DEPLOYMENT, inAudit } from '../audit/entries.ts'
import type { Database, Queryable } from '../core/client.ts'
import type { InitialAccessTokenId } from '../core/id.ts'
import { clientRegistrations, initialAccessTokens, oidcClients } from '../schema/provider.ts'
import type { NewClientSecret } from './client-secrets.ts'
import { insertClient, type NewOauthApp, narrowTo, type OauthAppRow } from './oauth-apps.ts'

/** A token with which clients may register themselves, without its digest. */
export type InitialAccessTokenRow = Omit<typeof initialAccessTokens.$inferSelect, 'digest'>

/** The most tokens at a time. */
export const MAX_INITIAL_ACCESS_TOKENS = 1000

const { id, name, hint, uses, maxUses, createdAt, expiresAt } = initialAccessTokens
const columns = { id, name, hint, uses, maxUses, createdAt, expiresAt }

/** Inserts a token; `undefined` if there are too many. */
export async function insertInitialAccessToken(
  tx: AuditedTx,
  token: Omit<typeof initialAccessTokens.$inferInsert, 'uses' | 'createdAt'>,
): Promise<InitialAccessTokenRow | undefined> {
  if ((await tx.$count(initialAccessTokens)) >= MAX_INITIAL_ACCESS_TOKENS) return undefined
  const [row] = await tx.insert(initialAccessTokens).values(token).returning(columns)
  return row
}

/** Lists the tokens, newest first. */
export const listInitialAccessTokens = (db: Queryable): Promise<InitialAccessTokenRow[]> =>
  db.select(columns).from(initialAccessTokens).orderBy(desc(createdAt), desc(id))

/** Deletes a token, so that no client registers with it any more. Clients that did stay. `undefined` if there is none. */
export async function deleteInitialAccessToken(
  tx: AuditedTx,
  tokenId: InitialAccessTokenId,
): Promise<InitialAccessTokenRow | undefined> {
  const [row] = await tx.delete(initialAccessTokens).where(eq(id, tokenId)).returning(columns)
  return row
}

const isUsable = (digest: Uint8Array) =>
  and(eq(initialAccessTokens.digest, digest), gt(expiresAt, sql`now()`), lt(uses, maxUses))

/** Whether a client may register with the token of a digest, as of now. `registerClient` decides. */
export const isUsableInitialAccessToken = async (db: Queryable, digest: Uint8Array): Promise<boolean> =>
  (await db.$count(initialAccessTokens, isUsable(digest))) === 1

export interface NewRegistration {
  readonly client: NewOauthApp
  readonly secret: NewClientSecret | undefined
  /** The digest of the initial access token, one use of which is consumed; null if none is required. */
  readonly token: Uint8Array | null
  /** The digest of the token with which the client manages its registration; null if it cannot. */
  readonly management: Uint8Array | null
  /** The most clients that registered themselves. Concurrent registrations may exceed it by their number. */
  readonly limit: number
}

export type RegisteredClient =
  | { readonly client: OauthAppRow; readonly tokenId: InitialAccessTokenId | null }
  | 'invalid-token'
  | 'full'

/** Inserts a client that registers itself. Uses of a token are counted under its lock, so that none is used too often. */
export async function registerClient(
  tx: AuditedTx,
  { client, secret, token, management, limit }: NewRegistration,
): Promise<RegisteredClient> {
  const tokenId = token === null ? null : await useToken(tx, token)
  if (tokenId === undefined) return 'invalid-token'
  if ((await tx.$count(clientRegistrations)) >= limit) return 'full'
  const row = await insertClient(tx, { ...client, organizationId: null, firstParty: false }, secret)
  await tx.insert(clientRegistrations).values({
    clientId: row.id,
    initialAccessTokenId: tokenId,
    managementDigest: management,
  })
  return { client: row, tokenId }
}

async function useToken(tx: AuditedTx, digest: Uint8Array): Promise<InitialAccessTokenId | undefined> {
  const [row] = await tx
    .update(initialAccessTokens)
    .set({ uses: sql`${uses} + 1` })
    .where(isUsable(digest))
    .returning({ id })
  return row?.id
}

/** A client whose id is the URL of a document about it, as the document describes it. */
export type DocumentClient = Pick<NewOauthApp, 'id'> &
  Required<Pick<NewOauthApp, (typeof DOCUMENT_MEMBERS)[number]>> & {
    /** When the document is fetched again. */
    readonly expiresAt: Date
  }

/** What a document decides. */
const DOCUMENT_MEMBERS = [
  'name',
  'type',
  'redirectUris',
  'postLogoutRedirectUris',
  'scopes',
  'tokenEndpointAuthMethod',
  'jwks',
  'jwksUri',
  'idTokenSignedResponseAlg',
  'dpopBoundAccessTokens',
  'requirePushedAuthorizationRequests',
] as const

/**
 * Inserts or updates the client of a document. A removed scope is removed from its grants, as of any other client. Returns
 * `inserted`, or the members that changed.
 * @throws Error if there are too many clients that registered themselves
 */
export async function saveDocumentClient(
  tx: AuditedTx,
  { expiresAt: documentExpiresAt, ...client }: DocumentClient,
  limit: number,
): Promise<'inserted' | (typeof DOCUMENT_MEMBERS)[number][]> {
  // Two processes may fetch the document for the first time.
  await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended(${client.id}, 0))`)
  const [known] = await tx.select().from(oidcClients).where(eq(oidcClients.id, client.id)).for('no key update')
  if (!known) {
    if ((await tx.$count(clientRegistrations)) >= limit) throw new Error('there are too many registered clients')
    await insertClient(tx, { ...client, organizationId: null, firstParty: false }, undefined)
    await tx.insert(clientRegistrations).values({ clientId: client.id, documentExpiresAt })
    return 'inserted'
  }
  const renewed = await tx
    .update(clientRegistrations)
    .set({ documentExpiresAt })
    .where(and(eq(clientRegistrations.clientId, client.id), isNotNull(clientRegistrations.documentExpiresAt)))
    .returning({ id: clientRegistrations.clientId })
  if (renewed.length === 0) throw new Error(`client ${client.id} is not that of a document`)
  const changed = DOCUMENT_MEMBERS.filter((member) => !isDeepStrictEqual(known[member], client[member]))
  if (changed.length > 0) {
    await tx
      .update(oidcClients)
      .set({ ...client, updatedAt: sql`now()` })
      .where(eq(oidcClients.id, client.id))
    if (changed.includes('scopes')) await narrowTo(tx, client.id, ['openid', ...client.scopes])
  }
  return changed
}

/**
 * Deletes clients that registered themselves more than `keptMs` ago and that no user has given access. Returns their number:
 * fewer than `limit` means that none is left.
 */
export async function deleteUnusedRegistrations(db: Database, keptMs: number, limit: number): Promise<number> {
  const entriesFor = (deleted: readonly string[]): AuditEntry[] =>
    deleted.map((clientId) =>
      auditEntry('oauth_app.delete', {
        organizationId: DEPLOYMENT,
        actorId: null,
        actorEmail: null,
        source: 'system',
        targetId: clientId,
        metadata: { reason: 'it registered itself and was not used' },
      }),
    )
  const deleted = await inAudit(db, SCHEDULED_TASK, entriesFor, async (tx) => {
    const isUnused = sql`NOT EXISTS (SELECT FROM grants WHERE client_id = ${oidcClients.id})
      AND NOT EXISTS (SELECT FROM consents WHERE client_id = ${oidcClients.id})`
    // A sign-in in progress holds a lock on its client, and is not waited for.
    const found = await tx
      .select({ id: oidcClients.id })
      .from(clientRegistrations)
      .innerJoin(oidcClients, eq(oidcClients.id, clientRegistrations.clientId))
      .where(
        and(lt(clientRegistrations.createdAt, sql`now() - make_interval(secs => ${keptMs / 1000}::float8)`), isUnused),
      )
      .orderBy(clientRegistrations.createdAt)
      .limit(limit)
      .for('update', { of: oidcClients, skipLocked: true })
    if (found.length === 0) return []
    const ids = sql.join(
      found.map((row) => sql`${row.id}`),
      sql`, `,
    )
    // Again, as of a moment after the locks: a grant may have been committed before them.
    const rows = await tx
      .delete(oidcClients)
      .where(and(sql`${oidcClients.id} IN (${ids})`, isUnused))
      .returning({ id: oidcClients.id })
    return rows.map((row) => row.id)
  })
  return deleted.length
}

/** How long a token is listed after it has expired. */
const ENDED_DAYS = 30

/** Deletes tokens that expired long ago. */
export async function deleteExpiredInitialAccessTokens(db: Queryable, limit: number): Promise<number> {
  const { count } = await db.execute(sql`
    DELETE FROM initial_access_tokens WHERE id = ANY (ARRAY(
      SELECT id FROM initial_access_tokens WHERE expires_at < now() - make_interval(days => ${ENDED_DAYS})
      ORDER BY expires_at LIMIT ${limit} FOR UPDATE SKIP LOCKED))`)
  return count
}
