import { eq, isNull, sql } from 'drizzle-orm'
import type { AffectedKey } from '../api-keys/changes.ts'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import { oidcClientSecrets, oidcClients } from '../schema/provider.ts'
import type { NewClientSecret } from './client-secrets.ts'
import { deleteClient, insertClient, listClients, type NewOauthApp, type OauthAppRow } from './oauth-apps.ts'

/** A client as the provider reads it. */
export type OidcClientRow = Omit<typeof oidcClients.$inferSelect, 'secretDigest'> & {
  readonly secrets: readonly ClientSecretDigest[]
}

/** What a secret that a client sends is compared with. */
export type ClientSecretDigest = Pick<typeof oidcClientSecrets.$inferSelect, 'id' | 'digest' | 'expiresAt'>

/** A first-party client of the operator: it acts with the user's permissions. */
export type FirstPartyClient = Pick<
  OidcClientRow,
  'id' | 'name' | 'type' | 'redirectUris' | 'postLogoutRedirectUris' | 'scopes'
>

/** Finds the client of that id, of any owner: for the provider, which serves all clients. */
export async function findOidcClient(db: Queryable, id: string): Promise<OidcClientRow | undefined> {
  const rows = await db
    .select({ client: oidcClients, secret: oidcClientSecrets })
    .from(oidcClients)
    .leftJoin(oidcClientSecrets, eq(oidcClientSecrets.clientId, oidcClients.id))
    .where(eq(oidcClients.id, id))
  const [first] = rows
  return first && { ...first.client, secrets: rows.flatMap(({ secret }) => secret ?? []) }
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
export const insertOperatorClient = (
  tx: AuditedTx,
  client: NewOauthApp & { readonly firstParty: boolean },
  secret: NewClientSecret | undefined,
): Promise<OauthAppRow> => insertClient(tx, { ...client, organizationId: null }, secret)

/** Lists the operator's clients, newest first. */
export const listOperatorClients = (db: Queryable): Promise<OauthAppRow[]> =>
  listClients(db, isNull(oidcClients.organizationId))

/**
 * Deletes a client of the operator and revokes, by trigger, its grants and the keys made with them. Returns those keys;
 * `undefined` if the operator has no client of that id.
 */
export const deleteOperatorClient = (tx: AuditedTx, clientId: string): Promise<AffectedKey[] | undefined> =>
  deleteClient(tx, clientId, isNull(oidcClients.organizationId))
