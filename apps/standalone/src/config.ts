import { join, resolve } from 'node:path'
import { loadApiConfig } from '@daytona-auth/api'
import { standaloneShape } from '@daytona-auth/configuration/standalone'
import { loadProviderConfig } from '@daytona-auth/oidc'
import { type Environment, loadConfig } from '@daytona-auth/service'

export type StandaloneConfig = ReturnType<typeof loadStandaloneConfig>

/** Reads the environment once. @throws ConfigError that names every invalid variable and no value */
export function loadStandaloneConfig(env: Environment) {
  const config = loadConfig(standaloneShape, env)
  return Object.freeze({ ...config, ISSUER: config.ISSUER ?? `http://localhost:${config.PORT}` })
}

/** The secret files that the two servers use, unless the environment sets the variable. */
export interface SecretFiles {
  readonly signingKeysSecret: string
  readonly cookieKeys: string
  readonly resourceSecretsKey: string
  readonly auditAnchorKeys: string
}

/** Placeholder until the database runs: every other variable is validated before that. */
const PENDING = 'postgres://pending'

/**
 * Builds the configurations of the two servers. Both read the same environment, so all of their variables work here
 * too, except those that standalone sets itself. The caller fills in `DATABASE_URL` and `PROVIDER_URL`.
 */
export function loadServerConfigs(env: Environment, config: StandaloneConfig, secrets: SecretFiles) {
  const { ISSUER, LOG_LEVEL, HOST } = config
  const port = String(config.PORT)
  // Without SMTP_URL, mails are written to the data directory.
  const OUTBOX_DIR = env['OUTBOX_DIR'] || join(resolve(config.DATA_DIR), 'outbox')
  const api = loadApiConfig({
    ...overrideVariables(env, { DATABASE_URL: PENDING, ISSUER, LOG_LEVEL, HOST, PORT: port, OUTBOX_DIR }),
    ...defaultToFile(env, 'RESOURCE_SECRETS_KEY', secrets.resourceSecretsKey),
    ...defaultToFile(env, 'AUDIT_ANCHOR_KEYS', secrets.auditAnchorKeys),
  })
  const provider = loadProviderConfig({
    ...overrideVariables(env, {
      DATABASE_URL: PENDING,
      ISSUER,
      LOG_LEVEL,
      OUTBOX_DIR,
      // A free port that only the API uses; X-Forwarded-* is trusted from this machine only, where the API forwards.
      HOST: '127.0.0.1',
      PORT: '0',
      TRUSTED_PROXIES: '127.0.0.1/32',
      METRICS_PORT: config.PROVIDER_METRICS_PORT?.toString(),
    }),
    ...defaultToFile(env, 'SIGNING_KEYS_SECRET', secrets.signingKeysSecret),
    ...defaultToFile(env, 'COOKIE_KEYS', secrets.cookieKeys),
    ...defaultToFile(env, 'RESOURCE_SECRETS_KEY', secrets.resourceSecretsKey),
  })
  return { api, provider }
}

/** Sets variables in an environment and removes their `_FILE` forms. */
function overrideVariables(env: Environment, values: Environment): Environment {
  const files = Object.keys(values).map((name) => [`${name}_FILE`, undefined])
  return { ...env, ...values, ...Object.fromEntries(files) }
}

const defaultToFile = (env: Environment, name: string, file: string): Environment =>
  env[name] || env[`${name}_FILE`] ? {} : { [`${name}_FILE`]: file }
