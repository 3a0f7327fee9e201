import { isDeepStrictEqual } from 'node:util'
import { and, eq, type SQL, sql } from 'drizzle-orm'
import type { AffectedKey } from '../api-keys/changes.ts'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import { deleteConsents } from '../grants/consents.ts'
import { clientRegistrations, oidcClientSecrets, oidcClients } from '../schema/provider.ts'
import { deleteClient, listClients, type NewOauthApp, narrowTo, type OauthAppRow } from './oauth-apps.ts'

/** A client with the digest of the token that manages its registration (RFC 7592). */
export interface ManagedClient {
  readonly clientId: string
  readonly management: Uint8Array
}

const isManagedBy = ({ clientId, management }: ManagedClient): SQL =>
  sql`EXISTS (SELECT FROM ${clientRegistrations} WHERE ${clientRegistrations.clientId} = ${oidcClients.id}
    AND ${clientRegistrations.clientId} = ${clientId} AND ${clientRegistrations.managementDigest} = ${management})`

/** Reads a client by its registration access token. */
export async function findManagedClient(db: Queryable, managed: ManagedClient): Promise<OauthAppRow | undefined> {
  const [row] = await listClients(db, isManagedBy(managed))
  return row
}

/** What a client may change of its registration. */
const MEMBERS = [
  'name',
  'redirectUris',
  'postLogoutRedirectUris',
  'scopes',
  'jwks',
  'jwksUri',
  'idTokenSignedResponseAlg',
  'dpopBoundAccessTokens',
  'requirePushedAuthorizationRequests',
] as const

/** How a client authenticates, which stays: grants of a public client are not those of one with a secret. */
const FIXED = ['type', 'tokenEndpointAuthMethod'] as const

type Member = (typeof MEMBERS)[number] | (typeof FIXED)[number]

export interface RegistrationChange {
  readonly client: Required<Pick<NewOauthApp, Member>>
  /** The digest of the secret that the request contains, if it contains one. */
  readonly secret: Uint8Array | undefined
}

export type ChangedRegistration =
  | { readonly client: OauthAppRow; readonly changed: readonly (typeof MEMBERS)[number][] }
  | 'invalid-token'
  | 'other-secret'
  | 'other-authentication'

/**
 * Replaces the registration of a client, under its lock. A removed scope is removed from its grants and consents. With another
 * redirect URI people are asked again: a stolen registration access token must not receive codes that they agreed to send elsewhere.
 */
export async function replaceRegistration(
  tx: AuditedTx,
  managed: ManagedClient,
  { client, secret }: RegistrationChange,
): Promise<ChangedRegistration> {
  const [known] = await tx.select().from(oidcClients).where(isManagedBy(managed)).for('no key update')
  if (known === undefined) return 'invalid-token'
  if (secret !== undefined && !(await hasSecret(tx, known.id, secret))) return 'other-secret'
  if (FIXED.some((member) => known[member] !== client[member])) return 'other-authentication'
  const changed = MEMBERS.filter((member) => !isDeepStrictEqual(known[member], client[member]))
  if (changed.length > 0) {
    const values = Object.fromEntries(changed.map((member) => [member, client[member]]))
    await tx
      .update(oidcClients)
      .set({ ...values, updatedAt: sql`now()` })
      .where(eq(oidcClients.id, known.id))
    const isElsewhere = client.redirectUris.some((uri) => !known.redirectUris.includes(uri))
    if (isElsewhere) await deleteConsents(tx, known.id)
    if (changed.includes('scopes')) await narrowTo(tx, known.id, ['openid', ...client.scopes])
  }
  const [row] = await listClients(tx, eq(oidcClients.id, known.id))
  if (row === undefined) throw new Error(`client ${known.id} is gone in spite of its lock`)
  return { client: row, changed }
}

const hasSecret = async (tx: AuditedTx, clientId: string, digest: Uint8Array): Promise<boolean> =>
  (await tx.$count(
    oidcClientSecrets,
    and(
      eq(oidcClientSecrets.clientId, clientId),
      eq(oidcClientSecrets.digest, digest),
      sql`coalesce(${oidcClientSecrets.expiresAt} > now(), true)`,
    ),
  )) > 0

/** Deletes a client by its registration access token. Returns the keys made with its grants; undefined if the token is not its. */
export const deleteRegistration = (tx: AuditedTx, managed: ManagedClient): Promise<AffectedKey[] | undefined> =>
  deleteClient(tx, managed.clientId, isManagedBy(managed))
