import {
  duration,
  type Environment,
  integer,
  loadConfig,
  mailShape,
  redisUrl,
  secrets,
  serviceShape,
} from '@daytona-auth/service'
import * as z from 'zod'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const lifetime = (fallbackMs: number) => duration({ minMs: SECOND }).default(fallbackMs)

const shape = {
  ...serviceShape,
  ...mailShape,
  /** The resource server that access tokens are for; the issuer itself unless said otherwise. */
  API_AUDIENCE: z.url().optional(),
  /** Opens the private halves of the signing keys; nobody but the provider has it. The first encrypts, each opens. */
  SIGNING_KEYS_SECRET: secrets(),
  /** Sign cookies: the first one signs, the others are still believed. */
  COOKIE_KEYS: secrets(),
  /** id_tokens are RS256 whatever this says. */
  ACCESS_TOKEN_ALG: z.enum(['ES256', 'RS256'], { error: 'must be ES256 or RS256' }).default('ES256'),
  ACCESS_TOKEN_TTL: lifetime(HOUR),
  AUTHORIZATION_CODE_TTL: lifetime(MINUTE),
  /** How long a person may take to type a device's code and to consent. */
  DEVICE_CODE_TTL: lifetime(10 * MINUTE),
  REFRESH_TOKEN_TTL: lifetime(30 * DAY),
  /** However often it is rotated, a line of refresh tokens ends here. */
  REFRESH_TOKEN_ABSOLUTE_TTL: lifetime(90 * DAY),
  /** A refresh token presented again this soon after its rotation is refused and no more: two tabs, a lost response. */
  REFRESH_REUSE_GRACE: duration({ minMs: 0 }).default(10 * SECOND),
  SESSION_TTL: lifetime(14 * DAY),
  /** How long a person may take to sign in and consent. */
  INTERACTION_TTL: lifetime(HOUR),
  /** Failed sign-ins for one account from one address before that pair has to wait. */
  FAILED_SIGN_INS_LIMIT: integer({ min: 1 }).default(10),
  FAILED_SIGN_INS_WINDOW: lifetime(15 * MINUTE),
  /** Failed sign-ins from one address, whatever the account, within the same window: one password tried on many. */
  FAILED_SIGN_INS_ADDRESS_LIMIT: integer({ min: 1 }).default(100),
  /** Sign-ups from one address within the same window, refused ones included: they tell which addresses are taken. */
  SIGN_UPS_ADDRESS_LIMIT: integer({ min: 1 }).default(50),
  /** Device codes that one address may ask for within the same window. */
  DEVICE_CODES_ADDRESS_LIMIT: integer({ min: 1 }).default(100),
  /** Wrong user codes from one address within the same window. */
  USER_CODE_GUESSES_ADDRESS_LIMIT: integer({ min: 1 }).default(20),
  /** Where processes count those together; each counts for itself without it. */
  REDIS_URL: redisUrl().optional(),
  /** Passwords hashed at once, about 15 ms of CPU and 19 MiB each. */
  PASSWORD_HASHING_CONCURRENCY: integer({ min: 1, max: 64 }).default(2),
  /** Passwords waiting for that; past it people are asked to try again in a moment. */
  PASSWORD_HASHING_QUEUE: integer({ min: 1 }).default(100),
  /** A request that takes longer is answered 503: postgres.js waits for a database that hangs without end. */
  HANDLER_TIMEOUT: duration({ minMs: 100 }).default(10 * SECOND),
  /** Connections to PostgreSQL at most. */
  DATABASE_CONNECTIONS: integer({ min: 1, max: 1000 }).default(10),
}

type Parsed = z.output<z.ZodObject<typeof shape>>

/** Durations are in milliseconds. */
export type ProviderConfig = Readonly<Omit<Parsed, 'API_AUDIENCE'> & { API_AUDIENCE: string }>

/** Reads the provider's environment once. @throws ConfigError that names every bad variable and no value */
export function loadProviderConfig(env: Environment): ProviderConfig {
  const config = loadConfig(shape, env)
  return Object.freeze({ ...config, API_AUDIENCE: config.API_AUDIENCE ?? config.ISSUER })
}

/** True where cookies must be `Secure`: everywhere but on a loopback issuer. */
export const isSecure = (issuer: string): boolean => issuer.startsWith('https:')
