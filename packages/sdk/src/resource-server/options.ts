import { requireTimeout } from '../numbers.ts'
import { parseServerUrl } from '../server-url.ts'
import { type ResourceServerClock, systemTime } from './time.ts'

export interface ResourceServerOptions {
  /** The provider's, exactly as its discovery document and its tokens have it: `https://auth.example.com`. */
  readonly issuer: string
  /** Whom tokens have to be meant for; the issuer unless said otherwise, as it is at the provider. */
  readonly audience?: string | undefined
  /**
   * A confidential client at the provider: an app of the type `web`. Credentials count only as far as they reach the
   * organization that it belongs to; a client of the operator's sees all organizations.
   */
  readonly clientId: string
  readonly clientSecret: string
  /**
   * How access tokens are judged after their signature and claims have been. `introspect` asks the provider, as for API
   * keys: a token ends when it is revoked, and is worth what its user may do now in the organization. `offline` asks
   * nobody: a token lives until it expires, and is worth the permissions that its user agreed to, held or not.
   */
  readonly accessTokens: 'introspect' | 'offline'
  /** How long the provider's "yes" is believed, from when it was asked: 5 unless said otherwise, 10 at most, 0 for never. */
  readonly cacheSeconds?: number | undefined
  /** How many credentials are remembered; 10,000 unless said otherwise. */
  readonly cacheSize?: number | undefined
  /** How long the provider may take to answer, in milliseconds; 5,000 unless said otherwise. */
  readonly timeoutMs?: number | undefined
  /** Of this resource server's own RFC 9728 document, which a 401 then points to. */
  readonly resourceMetadataUrl?: string | undefined
  /** Lets the client's secret travel in clear beyond this machine: for networks that encrypt by themselves. */
  readonly allowInsecureHttp?: boolean | undefined
  /** Told why a request was answered 503 or 429. There is no credential in it. */
  readonly onFault?: ((fault: Error) => void) | undefined
  /** What the provider is asked with. */
  readonly fetch?: typeof fetch | undefined
  /** For tests. */
  readonly clock?: ResourceServerClock | undefined
}

const LONGEST_CACHE_SECONDS = 10
/** The cache takes its room at once. */
const LARGEST_CACHE = 10_000_000

export type Settings = ReturnType<typeof settingsOf>

/** @throws TypeError for what makes no sense; it never repeats a secret */
export function settingsOf(options: ResourceServerOptions) {
  const { issuer, clientId, clientSecret, accessTokens, allowInsecureHttp = false, onFault = () => {} } = options
  const { audience = issuer, cacheSeconds = 5, cacheSize = 10_000, timeoutMs = 5000 } = options
  const { resourceMetadataUrl, fetch = globalThis.fetch, clock = systemTime } = options
  parseServerUrl('issuer', issuer, allowInsecureHttp)
  for (const [name, text] of Object.entries({ audience, clientId, clientSecret })) {
    if (typeof text !== 'string' || text === '') throw new TypeError(`${name} is missing`)
  }
  if (accessTokens !== 'introspect' && accessTokens !== 'offline') {
    throw new TypeError("accessTokens is to be 'introspect' or 'offline'")
  }
  if (!(cacheSeconds >= 0 && cacheSeconds <= LONGEST_CACHE_SECONDS)) {
    throw new TypeError(`cacheSeconds is to be from 0 to ${LONGEST_CACHE_SECONDS}: so long a revoked key is let in`)
  }
  if (!(Number.isInteger(cacheSize) && cacheSize > 0 && cacheSize <= LARGEST_CACHE)) {
    throw new TypeError(`cacheSize must be a whole number from 1 to ${LARGEST_CACHE}`)
  }
  requireTimeout('timeoutMs', timeoutMs)
  if (typeof fetch !== 'function') throw new TypeError('fetch must be a function')
  if (
    resourceMetadataUrl !== undefined &&
    (!URL.canParse(resourceMetadataUrl) || /["\\\s]/.test(resourceMetadataUrl))
  ) {
    throw new TypeError('resourceMetadataUrl is no URL')
  }
  return {
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
