import {
  ConfigError,
  duration,
  type Environment,
  integer,
  internalUrl,
  loadConfig,
  mailShape,
  origin,
  redisUrl,
  secret,
  secrets,
  serviceShape,
} from '@daytona-auth/service'

const shape = {
  ...serviceShape,
  ...mailShape,
  /** The `aud` of the access tokens that are accepted; the issuer unless told otherwise. */
  API_AUDIENCE: origin().optional(),
  /** Where the provider listens, for the requests that are its own; none are forwarded without it. */
  PROVIDER_URL: internalUrl().optional(),
  /** The largest request body, in bytes. */
  BODY_LIMIT: integer({ min: 1024, max: 64 * 1024 * 1024 }).default(1024 * 1024),
  /** Requests that one key, or one authorization of an app, may make in a minute. */
  REQUESTS_PER_MINUTE: integer({ min: 1 }).default(10_000),
  /** Well-formed but unknown credentials that one address may try in a minute before its look-ups are slowed down. */
  UNKNOWN_CREDENTIALS_PER_MINUTE: integer({ min: 1 }).default(60),
  /** Sandboxes that one organization may create in a minute. */
  SANDBOX_CREATIONS_PER_MINUTE: integer({ min: 1 }).default(300),
  /** Invitations that one person may have mailed in a minute, sent again or not, through whatever acts for them. */
  INVITATIONS_PER_MINUTE: integer({ min: 1 }).default(30),
  /** Where processes count together what is limited; each counts for itself without it. */
  REDIS_URL: redisUrl().optional(),
  /** Whole months that the audit trail is kept, besides the current one; for ever without it. */
  AUDIT_RETENTION_MONTHS: integer({ min: 1, max: 1200 }).optional(),
  /** What signs the anchors of dropped months. The first key signs; each is believed, so that keys can be replaced. */
  AUDIT_ANCHOR_KEYS: secrets().optional(),
  /** How long an invitation can be accepted, unless its sender says otherwise. */
  INVITATION_TTL: duration({ minMs: 60_000 }).default(7 * 24 * 60 * 60 * 1000),
  /** What registry passwords are encrypted with; none can be kept without it. */
  RESOURCE_SECRETS_KEY: secret().optional(),
  /** Connections to PostgreSQL at most, the listening one apart. */
  DATABASE_CONNECTIONS: integer({ min: 1, max: 1000 }).default(10),
}

/** What the environment tells this app. */
export type ApiConfig = Omit<ReturnType<typeof load>, 'API_AUDIENCE'> & { readonly API_AUDIENCE: string }

/** Reads the environment once. Throws a `ConfigError` that names every bad variable and no value. */
export function loadApiConfig(env: Environment): ApiConfig {
  const config = load(env)
  if (config.AUDIT_RETENTION_MONTHS !== undefined && config.AUDIT_ANCHOR_KEYS === undefined) {
    throw new ConfigError(['AUDIT_ANCHOR_KEYS is required where AUDIT_RETENTION_MONTHS is set'])
  }
  return Object.freeze({ ...config, API_AUDIENCE: config.API_AUDIENCE ?? config.ISSUER })
}

const load = (env: Environment) => loadConfig(shape, env)
