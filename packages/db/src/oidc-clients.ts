import { eq, sql } from 'drizzle-orm'
import type { Queryable } from './client.ts'
import { oidcClients } from './schema/provider.ts'

export type OidcClientRow = typeof oidcClients.$inferSelect

/** A client of the operator's own: it acts with the user's permissions. */
export type FirstPartyClient = Pick<
  OidcClientRow,
  'id' | 'name' | 'type' | 'redirectUris' | 'postLogoutRedirectUris' | 'scopes'
>

/** The client of that id, whoever it belongs to: for the provider, which serves them all. */
export async function findOidcClient(db: Queryable, id: string): Promise<OidcClientRow | undefined> {
  const [row] = await db.select().from(oidcClients).where(eq(oidcClients.id, id))
  return row
}

/**
 * Makes the operator's own clients be as given: the issuer decides their redirect URIs, so that they follow it. Writes
 * nothing where nothing differs, and never turns a third-party client into a first-party one.
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
