import { timingSafeEqual } from 'node:crypto'
import { effectiveSettings } from '@daytona-auth/accounts/client-registration'
import { digestOf } from '@daytona-auth/auth'
import { findOidcClient, type OidcClientRow } from '@daytona-auth/db/clients'
import type { Channel, Database } from '@daytona-auth/db/core'
import { LRUCache } from 'lru-cache'
import type { AdapterPayload } from 'oidc-provider'
import type { UnknownLookUps } from '../../limits/unknown-look-ups.ts'
import { DEVICE_CODE_GRANT } from './device-codes.ts'

/** Client metadata beyond the registered parameters, for the pages and the policy. */
export const EXTRA_CLIENT_METADATA = ['first_party', 'organization_id', 'require_pkce'] as const

export interface ClientDirectory {
  /**
   * Returns oidc-provider's metadata of a client; `undefined` for an unknown id. Unknown ids count for `address`.
   * @throws TooManyUnknown
   */
  find(id: string, address?: string): Promise<AdapterPayload | undefined>
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
export function createClientDirectory(database: Database, channel: Channel, unknown: UnknownLookUps): ClientDirectory {
  const cache = new LRUCache<string, AdapterPayload>({ max: CACHED_CLIENTS })
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
    async find(id, address = '') {
      if (id.length > MAX_ID_CHARS) return undefined
      const cached = channel.isFresh() ? cache.get(id) : undefined
      if (cached) return cached
      const position = channel.position()
      const row = await unknown.find({ address }, `client ${id}`, () => findOidcClient(database, id))
      if (!row) return undefined
      const metadata = toClientMetadata(row)
      if (channel.isFresh() && channel.position() === position) cache.set(id, metadata)
      return metadata
    },
    close: unsubscribe,
  }
}

/** Converts a row to oidc-provider's metadata (RFC 7591 §2). The secret's digest takes the place of the secret. */
export function toClientMetadata(client: OidcClientRow): AdapterPayload {
  const { requirePkce, deviceGrant } = effectiveSettings(client)
  return {
    client_id: client.id,
    client_name: client.name,
    application_type: client.type === 'native' ? 'native' : 'web',
    // A code typed on another machine is bound to no redirect URI: only native apps, and web apps that enable it.
    grant_types: ['authorization_code', 'refresh_token', ...(deviceGrant ? [DEVICE_CODE_GRANT] : [])],
    response_types: ['code'],
    redirect_uris: client.redirectUris,
    post_logout_redirect_uris: client.postLogoutRedirectUris,
    // Never empty: an absent scope would mean that every scope is allowed.
    scope: ['openid', ...client.scopes.filter((scope) => scope !== 'openid')].join(' '),
    id_token_signed_response_alg: client.idTokenSignedResponseAlg,
    require_pkce: requirePkce,
    first_party: client.firstParty,
    organization_id: client.organizationId, // null: the client belongs to the operator
    ...(client.homepageUri && { client_uri: client.homepageUri }),
    ...(client.logoUri && { logo_uri: client.logoUri }),
    ...(client.secretDigest
      ? {
          // The library also accepts client_secret_post from such a client.
          token_endpoint_auth_method: 'client_secret_basic',
          client_secret: Buffer.from(client.secretDigest).toString('base64url'),
        }
      : { token_endpoint_auth_method: 'none' }),
  }
}

/** Compares a secret with the stored digest of a client's secret, in constant time. */
export function isClientSecret(storedDigest: string | undefined, secret: unknown): boolean {
  if (storedDigest === undefined || typeof secret !== 'string') return false
  const stored = Buffer.from(storedDigest, 'base64url')
  const given = digestOf(secret)
  return stored.length === given.length && timingSafeEqual(stored, given)
}
