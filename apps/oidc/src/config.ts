import { type ConfigOf, loadConfig, serviceShape } from '@daytona-auth/service'
import { z } from 'zod'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const seconds = (fallback: number) => z.coerce.number().int().positive().default(fallback)

/** A secret shorter than this could be guessed offline by whoever reads the database or sees a cookie. */
const SECRET_CHARS = 32

const shape = {
  ...serviceShape,
  /** The public origin: what tokens name as `iss`, and the only Host that protocol routes answer. */
  ISSUER: z.string().refine(isOrigin, 'must be an origin: https://host[:port], or http on a loopback host'),
  /** The resource server that access tokens are for. */
  API_AUDIENCE: z.url().optional(),
  /** Opens the private halves of the signing keys; nobody but the provider has it. */
  SIGNING_KEYS_SECRET: z.string().min(SECRET_CHARS),
  /** Sign cookies: the first one signs, the others are still believed. */
  COOKIE_KEYS: z
    .string()
    .transform((list) => list.split(',').map((key) => key.trim()))
    .pipe(z.array(z.string().min(SECRET_CHARS)).min(1)),
  ACCESS_TOKEN_ALG: z.enum(['ES256', 'RS256']).default('ES256'),
  ACCESS_TOKEN_SECONDS: seconds(HOUR),
  AUTHORIZATION_CODE_SECONDS: seconds(MINUTE),
  REFRESH_TOKEN_SECONDS: seconds(30 * DAY),
  /** However often it is rotated, a refresh token's line ends here. */
  REFRESH_TOKEN_ABSOLUTE_SECONDS: seconds(90 * DAY),
  /** A refresh token presented again this soon after its rotation is refused and no more: two tabs, a lost response. */
  REFRESH_REUSE_GRACE_SECONDS: z.coerce.number().int().nonnegative().default(10),
  SESSION_SECONDS: seconds(14 * DAY),
  INTERACTION_SECONDS: seconds(HOUR),
  /** Failed sign-ins for one account from one address before that pair has to wait. */
  FAILED_SIGN_INS_LIMIT: z.coerce.number().int().positive().default(10),
  FAILED_SIGN_INS_WINDOW_SECONDS: seconds(15 * MINUTE),
  DATABASE_POOL_SIZE: z.coerce.number().int().positive().default(10),
} as const

type ProviderEnvironment = ConfigOf<typeof shape>

export type ProviderConfig = Omit<ProviderEnvironment, 'API_AUDIENCE'> & { readonly API_AUDIENCE: string }

/** Reads the provider's environment once. @throws ConfigError that names every bad variable and no value */
export function loadProviderConfig(env: Record<string, string | undefined>): ProviderConfig {
  const config = loadConfig(shape, env)
  return Object.freeze({ ...config, API_AUDIENCE: config.API_AUDIENCE ?? config.ISSUER })
}

/** True where cookies must be `Secure`: everywhere but on a loopback issuer. */
export const isSecure = (issuer: string): boolean => issuer.startsWith('https:')

/** Codes and tokens cross this origin, so that plain http is for loopback only (RFC 8252 §8.3, RFC 9700 §2.6). */
function isOrigin(text: string): boolean {
  const url = URL.parse(text)
  if (url?.origin !== text) return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname))
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])
