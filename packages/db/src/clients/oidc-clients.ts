import { eq, isNull, sql } from 'drizzle-orm'
import type { AffectedKey } from '../api-keys/changes.ts'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import { clientRegistrations, oidcClientSecrets, oidcClients } from '../schema/provider.ts'
import type { NewClientSecret } from './client-secrets.ts'
import { deleteClient, insertClient, listClients, type NewOauthApp, type OauthAppRow } from './oauth-apps.ts'

/** A client as the provider reads it. */
export type OidcClientRow = Omit<typeof oidcClients.$inferSelect, 'secretDigest'> & {
  readonly secrets: readonly ClientSecretDigest[]
  /** Of a client that registered itself, which the operator does not vouch for; null for one of an organization or the operator. */
  readonly registration: ClientRegistration | null
}

export interface ClientRegistration {
  /** When the document that the client's id points to is fetched again; null for one that registered by a request. */
  readonly documentExpiresAt: Date | null
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
    .select({ client: oidcClients, secret: oidcClientSecrets, registration: clientRegistrations })
    .from(oidcClients)
    .leftJoin(clientRegistrations, eq(clientRegistrations.clientId, oidcClients.id))
    .leftJoin(oidcClientSecrets, eq(oidcClientSecrets.clientId, oidcClients.id))
    .where(eq(oidcClients.id, id))
  const [first] = rows
  if (!first) return undefined
  const { client, registration } = first
  return {
    ...client,
    secrets: rows.flatMap(({ secret }) => secret ?? []),
    registration: registration && { documentExpiresAt: registration.documentExpiresAt },
  }
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
        name: sql`excluded.name`,
        redirectUris: sql`excluded.redirect_uris`,
        postLogoutRedirectUris: sql`excluded.post_logout_redirect_uris`,
        scopes: sql`excluded.scopes`,
        updatedAt: sql`now()`,
      },
      setWhere: sql`${oidcClients.firstParty} AND (
        ${oidcClients.name} <> excluded.name
        OR ${oidcClients.redirectUris} <> excluded.redirect_uris
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

/** Lists the operator's clients, newest first, without those that registered themselves. */
export const listOperatorClients = (db: Queryable): Promise<OauthAppRow[]> =>
  listClients(db, sql`${isNull(oidcClients.organizationId)} AND NOT ${IS_REGISTERED}`)

/** Lists the clients that registered themselves, newest first. */
export const listRegisteredClients = (db: Queryable): Promise<OauthAppRow[]> => listClients(db, IS_REGISTERED)

const IS_REGISTERED = sql`EXISTS (SELECT FROM client_registrations WHERE client_id = ${oidcClients.id})`

/**
 * Deletes a client of the operator, or one that registered itself, and revokes, by trigger, its grants and the keys made with them. Returns those keys;
 * `undefined` if the operator has no client of that id.
 */
export const deleteOperatorClient = (tx: AuditedTx, clientId: string): Promise<AffectedKey[] | undefined> =>
  deleteClient(tx, clientId, isNull(oidcClients.organizationId))
