import { randomBytes, timingSafeEqual } from 'node:crypto'
import { effectiveSettings } from '@daytona-auth/accounts/client-registration'
import { digestOf } from '@daytona-auth/auth'
import { findOidcClient, type OidcClientRow } from '@daytona-auth/db/clients'
import type { Channel, Database } from '@daytona-auth/db/core'
import { LRUCache } from 'lru-cache'
import type { AdapterPayload } from 'oidc-provider'
import { ACCOUNT_CLIENT_ID } from '../../first-party.ts'
import type { UnknownLookUps } from '../../limits/unknown-look-ups.ts'
import type { ClientDocuments } from './client-documents.ts'
import { DEVICE_CODE_GRANT } from './device-codes.ts'

/** Client metadata beyond the registered parameters, for the pages and the policy. */
export const EXTRA_CLIENT_METADATA = [
  'first_party',
  'organization_id',
  'require_pkce',
  'secret_digests',
  'refresh_token_ttl',
  'refresh_token_absolute_ttl',
] as const

/** What a secret is compared with, in a client's metadata. */
export interface SecretDigest {
  readonly id: string
  /** In base64url. */
  readonly digest: string
  /** Milliseconds since the epoch; null for a secret that does not expire. */
  readonly expiresAt: number | null
}

export interface ClientDirectory {
  /**
   * Returns oidc-provider's metadata of a client; `undefined` for an unknown id. Unknown ids count for `address`. A client
   * whose id is the URL of a document is read from the document if an authorization begins; afterwards as it was read then.
   * @throws TooManyUnknown
   */
  find(id: string, address?: string, use?: 'authorization'): Promise<AdapterPayload | undefined>
  /** Evicts what is cached about a client. */
  invalidate(id: string): void
  close(): void
}

const CACHED_CLIENTS = 1000
/** Longer ids do not exist: they cost neither a query nor memory. */
const MAX_ID_CHARS = 100

/**
 * Caches clients, because every request under `/oauth` reads one. An entry is used only while the channel is fresh. A
 * read is not cached if the channel reported a change during it.
 */
export function createClientDirectory({
  database,
  channel,
  unknown,
  documents,
  now,
}: {
  readonly database: Database
  readonly channel: Channel
  readonly unknown: UnknownLookUps
  readonly documents: ClientDocuments
  /** Milliseconds since the epoch. */
  readonly now: () => number
}): ClientDirectory {
  const cache = new LRUCache<string, CachedClient>({ max: CACHED_CLIENTS })
  const unsubscribe = channel.subscribe((event) => {
    if (event.kind === 'reset') {
      cache.clear()
      unknown.clearMissing()
    } else if (event.kind === 'client') invalidate(event.id)
  })

  function invalidate(id: string): void {
    cache.delete(id)
    unknown.note(`client ${id}`)
  }

  return {
    invalidate,
    async find(id, address = '', use) {
      const isUrl = documents.isUrl(id)
      if (!isUrl && (id.length > MAX_ID_CHARS || looksLikeUrl(id))) return undefined
      const cached = channel.isFresh() ? cache.get(id) : undefined
      if (cached && !(isUrl && needsDocument(cached.metadata, use) && cached.expiresAt <= now())) return cached.metadata
      const position = channel.position()
      // A document that no authorization has named yet is missing elsewhere, which must not block its first one.
      const key = isUrl && use === 'authorization' ? `client document ${id}` : `client ${id}`
      const row = await unknown.find({ address }, key, async () => {
        const stored = await findOidcClient(database, id)
        const reads = isUrl && (use === 'authorization' || stored?.type === 'web')
        return reads ? documents.read(id, stored, address) : stored
      })
      if (!row) return undefined
      const metadata = toClientMetadata(row)
      const expiresAt = row.registration?.documentExpiresAt?.getTime() ?? Number.POSITIVE_INFINITY
      if (channel.isFresh() && channel.position() === position) cache.set(id, { metadata, expiresAt })
      return metadata
    },
    close: unsubscribe,
  }
}

interface CachedClient {
  readonly metadata: AdapterPayload
  /** When the document of the client is fetched again. */
  readonly expiresAt: number
}

/** No other id has this form: documents may have been turned off since. */
const looksLikeUrl = (id: string): boolean => id.startsWith('https:')

/** Whether a document must be recent: for an authorization, and where the client authenticates with its keys. */
const needsDocument = (client: AdapterPayload, use: 'authorization' | undefined): boolean =>
  use === 'authorization' || client.token_endpoint_auth_method !== 'none'

/** The library requires a secret of a confidential client, and never compares this one: see `findSecret`. */
const UNUSED_SECRET = randomBytes(32).toString('base64url')

/**
 * Converts a row to oidc-provider's metadata (RFC 7591 §2), with the digests of its secrets. A `web` app without a valid
 * secret cannot authenticate. It does not become a public client.
 */
export function toClientMetadata(client: OidcClientRow): AdapterPayload {
  const { requirePkce, deviceGrant } = effectiveSettings(client)
  return {
    client_id: client.id,
    client_name: client.name,
    application_type: client.type === 'native' ? 'native' : 'web',
    // A code typed on another machine is bound to no redirect URI: only native apps, and web apps that enable it.
    // Nor one that registered itself: anyone could send its code to a person (RFC 8628 §5.4).
    grant_types: [
      'authorization_code',
      'refresh_token',
      ...(deviceGrant && client.registration === null ? [DEVICE_CODE_GRANT] : []),
    ],
    // The account pages need the browser's session, and get no code.
    response_types: [client.id === ACCOUNT_CLIENT_ID ? 'none' : 'code'],
    redirect_uris: client.redirectUris,
    post_logout_redirect_uris: client.postLogoutRedirectUris,
    // Never empty: an absent scope would mean that every scope is allowed.
    scope: ['openid', ...client.scopes.filter((scope) => scope !== 'openid')].join(' '),
    id_token_signed_response_alg: client.idTokenSignedResponseAlg,
    require_pkce: requirePkce,
    require_pushed_authorization_requests: client.requirePushedAuthorizationRequests,
    require_signed_request_object: client.requireSignedRequestObject,
    dpop_bound_access_tokens: client.dpopBoundAccessTokens,
    ...(client.backchannelLogoutUri && {
      backchannel_logout_uri: client.backchannelLogoutUri,
      backchannel_logout_session_required: client.backchannelLogoutSessionRequired,
    }),
    ...(client.defaultMaxAge !== null && { default_max_age: client.defaultMaxAge }),
    refresh_token_ttl: client.refreshTokenTtl,
    refresh_token_absolute_ttl: client.refreshTokenAbsoluteTtl,
    first_party: client.firstParty,
    // Null: the client belongs to the operator. Absent: it registered itself, and introspects nothing.
    ...(client.registration === null && { organization_id: client.organizationId }),
    ...(client.homepageUri && { client_uri: client.homepageUri }),
    ...(client.logoUri && { logo_uri: client.logoUri }),
    ...authenticationOf(client),
  }
}

/** Returns the lifetimes of refresh tokens that a client asks for. Written by `toClientMetadata` only. */
export function refreshLifetimesOf(client: { readonly [metadata: string]: unknown }) {
  const secondsOf = (value: unknown) => (typeof value === 'number' ? value : undefined)
  return { ttl: secondsOf(client['refresh_token_ttl']), absoluteTtl: secondsOf(client['refresh_token_absolute_ttl']) }
}

/** Returns how a client authenticates. Secrets of a client with keys are not accepted, and not given to the library. */
function authenticationOf(client: OidcClientRow): AdapterPayload {
  if (client.type !== 'web') return { token_endpoint_auth_method: 'none' }
  if (client.tokenEndpointAuthMethod === 'private_key_jwt') {
    const { jwks, jwksUri } = client
    return {
      token_endpoint_auth_method: 'private_key_jwt',
      ...(client.requestObjectSigningAlg && { request_object_signing_alg: client.requestObjectSigningAlg }),
      // Without either, the library refuses the client.
      ...(jwks ? { jwks } : { jwks_uri: jwksUri ?? undefined }),
    }
  }
  return {
    // The library also accepts client_secret_post from such a client.
    token_endpoint_auth_method: 'client_secret_basic',
    client_secret: UNUSED_SECRET,
    secret_digests: client.secrets.map(
      ({ id, digest, expiresAt }): SecretDigest => ({
        id,
        digest: Buffer.from(digest).toString('base64url'),
        expiresAt: expiresAt === null ? null : expiresAt.getTime(),
      }),
    ),
  }
}

/**
 * Finds the valid secret of a client that was sent. Compares it with every digest, in constant time, so that the response
 * time does not reveal which one matches.
 * @param instant in milliseconds since the epoch
 */
export function findSecret(
  digests: readonly SecretDigest[] | undefined,
  secret: unknown,
  instant: number,
): SecretDigest | undefined {
  if (digests === undefined || typeof secret !== 'string') return undefined
  const given = digestOf(secret)
  let found: SecretDigest | undefined
  for (const each of digests) {
    const stored = Buffer.from(each.digest, 'base64url')
    const isSame = stored.length === given.length && timingSafeEqual(stored, given)
    if (isSame && (each.expiresAt === null || each.expiresAt > instant)) found = each
  }
  return found
}
