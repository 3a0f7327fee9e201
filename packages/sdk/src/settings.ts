import type { Clock } from './clock.ts'
import { requireTimeout, requireWithin } from './numbers.ts'
import { parseServerUrl } from './server-url.ts'

export interface DaytonaAuthOptions {
  /** URL of the server. Default: DAYTONA_API_URL. */
  readonly apiUrl?: string | undefined
  /** API key. Default without an access token: DAYTONA_API_KEY. */
  readonly apiKey?: string | undefined
  /** Access token, or a function that returns one. It is called for each attempt, so that it can refresh the token. */
  readonly accessToken?: string | (() => string | Promise<string>) | undefined
  /** Organization of requests, for credentials with access to several. Default: DAYTONA_ORGANIZATION_ID. */
  readonly organizationId?: string | undefined
  /** Maximum number of retries after 429 or 503. Default: 2. */
  readonly maxRetries?: number | undefined
  /** A response with a longer `Retry-After` is thrown instead of retried. Default: 30. */
  readonly maxRetryAfterSeconds?: number | undefined
  /** Timeout of an attempt in milliseconds, except for exports. Default: 60,000. */
  readonly timeoutMs?: number | undefined
  /** Allows http beyond this machine, for networks that are encrypted otherwise. */
  readonly allowInsecureHttp?: boolean | undefined
  /** The `fetch` that sends requests. */
  readonly fetch?: typeof fetch | undefined
  /** For tests. */
  readonly clock?: Clock | undefined
}

/** Returns an access token or an API key. */
export type Credential = () => string | Promise<string>

export interface Settings {
  /** Without trailing slashes. */
  readonly apiUrl: string
  readonly credential: Credential | undefined
  readonly organizationId: string | undefined
  readonly maxRetries: number
  readonly maxRetryAfterSeconds: number
  readonly timeoutMs: number
  readonly fetch: typeof fetch
}

const MAX_RETRIES = 100
/** A day. */
const MAX_RETRY_AFTER_SECONDS = 24 * 60 * 60

/**
 * Resolves settings from options, then from the environment.
 * @throws TypeError for invalid options, without quoting a credential
 */
export function resolveSettings(options: DaytonaAuthOptions, env: Record<string, string | undefined>): Settings {
  const { apiUrl = trimVariable(env['DAYTONA_API_URL']), allowInsecureHttp = false } = options
  const { organizationId = trimVariable(env['DAYTONA_ORGANIZATION_ID']) } = options
  if (apiUrl === undefined) throw new TypeError('apiUrl is missing: pass it, or set DAYTONA_API_URL')
  const url = parseServerUrl('apiUrl', apiUrl, allowInsecureHttp).href.replace(/\/+$/, '')
  if (organizationId !== undefined) requireHeaderValue('organizationId', organizationId)
  return { apiUrl: url, credential: resolveCredential(options, env), organizationId, ...resolveLimits(options) }
}

/** @throws TypeError for values beyond the limits of timers and requests */
function resolveLimits(options: DaytonaAuthOptions) {
  const { maxRetries = 2, maxRetryAfterSeconds = 30, timeoutMs = 60_000, fetch = globalThis.fetch } = options
  if (!Number.isInteger(maxRetries)) throw new TypeError('maxRetries must be a whole number')
  requireWithin('maxRetries', maxRetries, 0, MAX_RETRIES)
  requireWithin('maxRetryAfterSeconds', maxRetryAfterSeconds, 0, MAX_RETRY_AFTER_SECONDS)
  requireTimeout('timeoutMs', timeoutMs)
  if (typeof fetch !== 'function') throw new TypeError('fetch must be a function')
  return { maxRetries, maxRetryAfterSeconds, timeoutMs, fetch }
}

function resolveCredential({ apiKey, accessToken }: DaytonaAuthOptions, env: Record<string, string | undefined>) {
  if (apiKey !== undefined && accessToken !== undefined)
    throw new TypeError('Pass either apiKey or accessToken, not both')
  if (typeof accessToken === 'function') return async () => requireCredential('accessToken', await accessToken())
  if (accessToken !== undefined) return constant(requireCredential('accessToken', accessToken))
  if (apiKey !== undefined) return constant(requireCredential('apiKey', apiKey))
  const fromEnv = trimVariable(env['DAYTONA_API_KEY'])
  return fromEnv === undefined ? undefined : constant(requireCredential('DAYTONA_API_KEY', fromEnv))
}

const constant = (credential: string) => () => credential

/** Rejects what a header cannot carry: the error of `Headers` would quote it. */
function requireCredential(name: string, credential: string): string {
  if (typeof credential !== 'string' || !VISIBLE_ASCII.test(credential)) {
    throw new TypeError(`${name} is empty or contains a character that credentials do not have, such as a line break`)
  }
  return credential
}

const VISIBLE_ASCII = /^[\x21-\x7e]+$/

function requireHeaderValue(name: string, value: string): void {
  if (typeof value !== 'string' || !VISIBLE_ASCII.test(value)) throw new TypeError(`${name} is not valid in a header`)
}

/** Trims a variable; an empty one counts as unset. */
const trimVariable = (variable: string | undefined): string | undefined => variable?.trim() || undefined
