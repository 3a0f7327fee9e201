import { join, resolve } from 'node:path'
import { loadApiConfig } from '@daytona-auth/api'
import { loadProviderConfig } from '@daytona-auth/oidc'
import { type Environment, loadConfig, standaloneShape } from '@daytona-auth/service'

export type StandaloneConfig = ReturnType<typeof loadStandaloneConfig>

/** Reads the environment once. @throws ConfigError that names every bad variable and no value */
export function loadStandaloneConfig(env: Environment) {
  const config = loadConfig(standaloneShape, env)
  return Object.freeze({ ...config, ISSUER: config.ISSUER ?? `http://localhost:${config.PORT}` })
}

/** The files of secrets that the two servers are given, unless the environment brings its own. */
export interface SecretFiles {
  readonly signingKeysSecret: string
  readonly cookieKeys: string
  readonly resourceSecretsKey: string
  readonly auditAnchorKeys: string
}

/** Stands in until the database is up; every other variable is judged before that. */
const PENDING = 'postgres://pending'

/**
 * What the two servers are configured with: each reads the same environment, so that every variable of theirs works
 * here too, but for what standalone decides. `DATABASE_URL` and `PROVIDER_URL` are to be filled in.
 */
export function loadServerConfigs(env: Environment, config: StandaloneConfig, secrets: SecretFiles) {
  const { ISSUER, LOG_LEVEL, HOST } = config
  const port = String(config.PORT)
  // Where there is no SMTP_URL, mails are found beside everything else.
  const OUTBOX_DIR = env['OUTBOX_DIR'] || join(resolve(config.DATA_DIR), 'outbox')
  const api = loadApiConfig({
    ...decided(env, { DATABASE_URL: PENDING, ISSUER, LOG_LEVEL, HOST, PORT: port, OUTBOX_DIR }),
    ...unlessGiven(env, 'RESOURCE_SECRETS_KEY', secrets.resourceSecretsKey),
    ...unlessGiven(env, 'AUDIT_ANCHOR_KEYS', secrets.auditAnchorKeys),
  })
  const provider = loadProviderConfig({
    ...decided(env, {
      DATABASE_URL: PENDING,
      ISSUER,
      LOG_LEVEL,
      OUTBOX_DIR,
      // On a free port that only the API is to know; and only the API, on this machine, says for whom it asks.
      HOST: '127.0.0.1',
      PORT: '0',
      TRUSTED_PROXIES: '127.0.0.1/32',
      METRICS_PORT: config.PROVIDER_METRICS_PORT?.toString(),
    }),
    ...unlessGiven(env, 'SIGNING_KEYS_SECRET', secrets.signingKeysSecret),
    ...unlessGiven(env, 'COOKIE_KEYS', secrets.cookieKeys),
  })
  return { api, provider }
}

/** The environment with some variables set, in whichever of their two forms they were. */
function decided(env: Environment, values: Environment): Environment {
  const files = Object.keys(values).map((name) => [`${name}_FILE`, undefined])
  return { ...env, ...values, ...Object.fromEntries(files) }
}

const unlessGiven = (env: Environment, name: string, file: string): Environment =>
  env[name] || env[`${name}_FILE`] ? {} : { [`${name}_FILE`]: file }
