import { requireTimeout } from '../numbers.ts'
import { parseServerUrl } from '../server-url.ts'
import { createResourceMetadata } from './metadata.ts'
import { type ResourceServerClock, systemTime } from './time.ts'

export interface ResourceServerOptions {
  /** The provider's issuer, exactly as in its discovery document and tokens: `https://auth.example.com`. */
  readonly issuer: string
  /**
   * Required audience of tokens: the identifier of this API, or with permissions of Daytona, that of its API. Required offline;
   * otherwise the default is the issuer, as at the provider.
   */
  readonly audience?: string | undefined
  /**
   * Scopes of this API, if it is registered as a resource server with the identifier `audience`. Routes then require scopes of
   * this list. Permissions of Daytona and API keys are refused: a token for this API has none, also if a scope has the name of one.
   */
  readonly scopes?: readonly string[] | undefined
  /**
   * A confidential client at the provider: an app of the type `web`. Credentials give access only to the app's
   * organization; a client of the operator sees all organizations. Not used offline with `scopes`, and required otherwise.
   */
  readonly clientId?: string | undefined
  readonly clientSecret?: string | undefined
  /**
   * How access tokens are verified beyond signature and claims. `introspect` asks the provider, as for API keys: a revoked
   * token is refused, and it has the permissions that its user holds now in the organization. `offline` sends no request:
   * a token is valid until it expires, with the permissions its user consented to, still held or not.
   */
  readonly accessTokens: 'introspect' | 'offline'
  /** Maximum age of the provider's active answers, from the request. Default: 5; at most 10; 0 disables the cache. */
  readonly cacheSeconds?: number | undefined
  /** Maximum number of cached credentials. Default: 10,000. */
  readonly cacheSize?: number | undefined
  /** Timeout of requests to the provider in milliseconds. Default: 5,000. */
  readonly timeoutMs?: number | undefined
  /**
   * Public origin of this resource server, as its clients know it: `https://service.example.com`. Proofs of tokens that are bound
   * to a key (RFC 9449) name it; without it, such tokens are refused.
   */
  readonly origin?: string | undefined
  /** URL of this resource server's RFC 9728 document, which challenges then name. */
  readonly resourceMetadataUrl?: string | undefined
  /** Allows http beyond this machine, for networks that are encrypted otherwise. */
  readonly allowInsecureHttp?: boolean | undefined
  /** Receives the reason of a 503 or 429. It contains no credential. */
  readonly onFault?: ((fault: Error) => void) | undefined
  /** The `fetch` that sends requests to the provider. */
  readonly fetch?: typeof fetch | undefined
  /** For tests. */
  readonly clock?: ResourceServerClock | undefined
}

const MAX_CACHE_SECONDS = 10
/** The cache allocates its memory at once. */
const MAX_CACHE_SIZE = 10_000_000

export type Settings = ReturnType<typeof resolveSettings>

/** @throws TypeError for invalid options, without quoting a secret */
export function resolveSettings(options: ResourceServerOptions) {
  const { issuer, accessTokens, scopes, allowInsecureHttp = false, onFault = () => {} } = options
  const isAlone = accessTokens === 'offline' && scopes !== undefined
  const { clientId = isAlone ? 'none' : '', clientSecret = isAlone ? 'none' : '' } = options
  const {
    audience = accessTokens === 'offline' || scopes ? '' : issuer,
    cacheSeconds = 5,
    cacheSize = 10_000,
    timeoutMs = 5000,
  } = options
  const { origin, fetch = globalThis.fetch, clock = systemTime } = options
  parseServerUrl('issuer', issuer, allowInsecureHttp)
  for (const [name, text] of Object.entries({ audience, clientId, clientSecret })) {
    if (typeof text !== 'string' || text === '') throw new TypeError(`${name} is missing`)
  }
  const metadata = scopes && createResourceMetadata({ issuer, audience, scopes })
  const { resourceMetadataUrl = metadata?.url } = options
  if (accessTokens !== 'introspect' && accessTokens !== 'offline') {
    throw new TypeError("accessTokens must be 'introspect' or 'offline'")
  }
  if (!(cacheSeconds >= 0 && cacheSeconds <= MAX_CACHE_SECONDS)) {
    throw new TypeError(`cacheSeconds must be from 0 to ${MAX_CACHE_SECONDS}: a revoked key is accepted that long`)
  }
  if (!(Number.isInteger(cacheSize) && cacheSize > 0 && cacheSize <= MAX_CACHE_SIZE)) {
    throw new TypeError(`cacheSize must be a whole number from 1 to ${MAX_CACHE_SIZE}`)
  }
  requireTimeout('timeoutMs', timeoutMs)
  if (typeof fetch !== 'function') throw new TypeError('fetch must be a function')
  if (
    resourceMetadataUrl !== undefined &&
    (!URL.canParse(resourceMetadataUrl) || /["\\\s]/.test(resourceMetadataUrl))
  ) {
    throw new TypeError('resourceMetadataUrl is not a URL')
  }
  if (origin !== undefined && (!URL.canParse(origin) || new URL(origin).origin !== origin)) {
    throw new TypeError('origin is not an origin, such as https://service.example.com')
  }
  return {
    origin,
    scopes,
    metadata,
    issuer,
    audience,
    clientId,
    clientSecret,
    accessTokens,
    cacheMs: cacheSeconds * 1000,
    cacheSize,
    timeoutMs,
    resourceMetadataUrl,
    onFault,
    fetch,
    clock,
  }
}
