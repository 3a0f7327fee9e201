import { desc, eq, isNull, sql } from 'drizzle-orm'
import type { AffectedKey } from '../api-keys/changes.ts'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import { oidcClients } from '../schema/provider.ts'
import { columns, deleteClient, type NewOauthApp, type OauthAppRow } from './oauth-apps.ts'

export type OidcClientRow = typeof oidcClients.$inferSelect

/** A first-party client of the operator: it acts with the user's permissions. */
export type FirstPartyClient = Pick<
  OidcClientRow,
  'id' | 'name' | 'type' | 'redirectUris' | 'postLogoutRedirectUris' | 'scopes'
>

/** Finds the client of that id, of any owner: for the provider, which serves all clients. */
export async function findOidcClient(db: Queryable, id: string): Promise<OidcClientRow | undefined> {
  const [row] = await db.select().from(oidcClients).where(eq(oidcClients.id, id))
  return row
}

/**
 * Inserts or updates the operator's first-party clients: their redirect URIs depend on the issuer. Writes nothing if nothing
 * differs, and never changes a third-party client into a first-party one.
 */
export async function ensureFirstPartyClients(db: Queryable, clients: readonly FirstPartyClient[]): Promise<void> {
  await db
    .insert(oidcClients)
    .values(clients.map((client) => ({ ...client, firstParty: true })))
    .onConflictDoUpdate({
      target: oidcClients.id,
      set: {
        redirectUris: sql`excluded.redirect_uris`,
        postLogoutRedirectUris: sql`excluded.post_logout_redirect_uris`,
        scopes: sql`excluded.scopes`,
        updatedAt: sql`now()`,
      },
      setWhere: sql`${oidcClients.firstParty} AND (
        ${oidcClients.redirectUris} <> excluded.redirect_uris
        OR ${oidcClients.postLogoutRedirectUris} <> excluded.post_logout_redirect_uris
        OR ${oidcClients.scopes} <> excluded.scopes)`,
    })
}

/** Creates a client of the operator, which belongs to no organization. */
export async function insertOperatorClient(
  tx: AuditedTx,
  client: NewOauthApp & { readonly firstParty: boolean },
): Promise<OauthAppRow> {
  const [row] = await tx
    .insert(oidcClients)
    .values({ ...client, organizationId: null })
    .returning(columns)
  if (!row) throw new Error(`client ${client.id} was not inserted`)
  return row
}

/** Lists the operator's clients, newest first. */
export const listOperatorClients = (db: Queryable): Promise<OauthAppRow[]> =>
  db
    .select(columns)
    .from(oidcClients)
    .where(isNull(oidcClients.organizationId))
    .orderBy(desc(oidcClients.createdAt), desc(oidcClients.id))

/**
 * Deletes a client of the operator and revokes, by trigger, its grants and the keys made with them. Returns those keys;
 * `undefined` if the operator has no client of that id.
 */
export const deleteOperatorClient = (tx: AuditedTx, clientId: string): Promise<AffectedKey[] | undefined> =>
  deleteClient(tx, clientId, isNull(oidcClients.organizationId))
