import type { Clock } from './clock.ts'
import { parseServerUrl } from './server-url.ts'

export interface DaytonaAuthOptions {
  /** Where the server is; otherwise DAYTONA_API_URL. */
  readonly apiUrl?: string | undefined
  /** Otherwise, and without an access token, DAYTONA_API_KEY. */
  readonly apiKey?: string | undefined
  /** One, or what gives one: it is called for every attempt, so that it may renew what has expired. */
  readonly accessToken?: string | (() => string | Promise<string>) | undefined
  /** The organization that requests are about, where the credential reaches several; otherwise DAYTONA_ORGANIZATION_ID. */
  readonly organizationId?: string | undefined
  /** How often a request is repeated that was refused with 429 or 503; 2 unless said otherwise. */
  readonly maxRetries?: number | undefined
  /** A longer `Retry-After` is not waited for, but thrown; 30 unless said otherwise. */
  readonly maxRetryAfterSeconds?: number | undefined
  /** How long one attempt may take, in milliseconds; 60,000 unless said otherwise. Not for exports. */
  readonly timeoutMs?: number | undefined
  /** Lets a credential travel in clear beyond this machine: for networks that encrypt by themselves. */
  readonly allowInsecureHttp?: boolean | undefined
  /** What requests are sent with. */
  readonly fetch?: typeof fetch | undefined
  /** For tests. */
  readonly clock?: Clock | undefined
}

/** An access token, or an API key: both are presented alike. */
export type Credential = () => string | Promise<string>

export interface Settings {
  /** Without a slash at its end. */
  readonly apiUrl: string
  readonly credential: Credential | undefined
  readonly organizationId: string | undefined
}

/**
 * What was said, and what the environment says of the rest.
 * @throws TypeError for what makes no sense; it never repeats a credential
 */
export function settingsOf(options: DaytonaAuthOptions, env: Record<string, string | undefined>): Settings {
  const { apiUrl = given(env['DAYTONA_API_URL']), allowInsecureHttp = false } = options
  const { organizationId = given(env['DAYTONA_ORGANIZATION_ID']) } = options
  if (apiUrl === undefined) throw new TypeError('Where is the server? Give apiUrl, or set DAYTONA_API_URL')
  const url = parseServerUrl('apiUrl', apiUrl, allowInsecureHttp).href.replace(/\/+$/, '')
  return { apiUrl: url, credential: credentialOf(options, env), organizationId }
}

function credentialOf({ apiKey, accessToken }: DaytonaAuthOptions, env: Record<string, string | undefined>) {
  if (apiKey !== undefined && accessToken !== undefined)
    throw new TypeError('Give an apiKey or an accessToken, not both')
  if (typeof accessToken === 'function') return async () => checked('accessToken', await accessToken())
  if (accessToken !== undefined) return always(checked('accessToken', accessToken))
  if (apiKey !== undefined) return always(checked('apiKey', apiKey))
  const fromEnv = given(env['DAYTONA_API_KEY'])
  return fromEnv === undefined ? undefined : always(checked('DAYTONA_API_KEY', fromEnv))
}

const always = (credential: string) => () => credential

/** `Headers` would refuse anything else, too, and quote it in its error. */
function checked(name: string, credential: string): string {
  if (typeof credential !== 'string' || !/^[\x21-\x7e]+$/.test(credential)) {
    throw new TypeError(`${name} is empty, or has a character in it that no credential has (a line break at its end?)`)
  }
  return credential
}

/** A variable that is set to nothing is not set. */
const given = (variable: string | undefined): string | undefined => variable || undefined
