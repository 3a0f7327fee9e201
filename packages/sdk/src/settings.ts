import type { Clock } from './clock.ts'
import { requireTimeout, requireWithin } from './numbers.ts'
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
  readonly maxRetries: number
  readonly maxRetryAfterSeconds: number
  readonly timeoutMs: number
  readonly fetch: typeof fetch
}

/** More attempts than anybody waits for. */
const MOST_RETRIES = 100
/** A day. */
const LONGEST_RETRY_AFTER_SECONDS = 24 * 60 * 60

/**
 * What was said, and what the environment says of the rest.
 * @throws TypeError for what makes no sense; it never repeats a credential
 */
export function settingsOf(options: DaytonaAuthOptions, env: Record<string, string | undefined>): Settings {
  const { apiUrl = given(env['DAYTONA_API_URL']), allowInsecureHttp = false } = options
  const { organizationId = given(env['DAYTONA_ORGANIZATION_ID']) } = options
  if (apiUrl === undefined) throw new TypeError('Where is the server? Give apiUrl, or set DAYTONA_API_URL')
  const url = parseServerUrl('apiUrl', apiUrl, allowInsecureHttp).href.replace(/\/+$/, '')
  if (organizationId !== undefined) requireHeaderValue('organizationId', organizationId)
  return { apiUrl: url, credential: credentialOf(options, env), organizationId, ...limitsOf(options) }
}

/** @throws TypeError for what no timer and no request can honour */
function limitsOf(options: DaytonaAuthOptions) {
  const { maxRetries = 2, maxRetryAfterSeconds = 30, timeoutMs = 60_000, fetch = globalThis.fetch } = options
  if (!Number.isInteger(maxRetries)) throw new TypeError('maxRetries must be a whole number')
  requireWithin('maxRetries', maxRetries, 0, MOST_RETRIES)
  requireWithin('maxRetryAfterSeconds', maxRetryAfterSeconds, 0, LONGEST_RETRY_AFTER_SECONDS)
  requireTimeout('timeoutMs', timeoutMs)
  if (typeof fetch !== 'function') throw new TypeError('fetch must be a function')
  return { maxRetries, maxRetryAfterSeconds, timeoutMs, fetch }
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
  if (typeof credential !== 'string' || !VISIBLE_ASCII.test(credential)) {
    throw new TypeError(`${name} is empty, or has a character in it that no credential has (a line break at its end?)`)
  }
  return credential
}

const VISIBLE_ASCII = /^[\x21-\x7e]+$/

function requireHeaderValue(name: string, value: string): void {
  if (typeof value !== 'string' || !VISIBLE_ASCII.test(value)) throw new TypeError(`${name} cannot be sent in a header`)
}

/** A variable without the white space around it, such as a file's last newline; one that is empty is not set. */
const given = (variable: string | undefined): string | undefined => variable?.trim() || undefined
