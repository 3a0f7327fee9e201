import { apiShape } from '@daytona-auth/configuration/api'
import { providerShape } from '@daytona-auth/configuration/provider'
import { ConfigError, type Environment, loadConfig } from '@daytona-auth/service'

/** Reads the valid variables of the environment. An invalid one is undefined here, so that other checks still run. */
export function readConfig(env: Environment) {
  return {
    DATABASE_URL: read(() => loadConfig({ DATABASE_URL: apiShape.DATABASE_URL }, env).DATABASE_URL),
    ISSUER: read(() => loadConfig({ ISSUER: apiShape.ISSUER }, env).ISSUER),
    API_AUDIENCE: read(() => loadConfig({ API_AUDIENCE: apiShape.API_AUDIENCE }, env).API_AUDIENCE),
    REDIS_URL: read(() => loadConfig({ REDIS_URL: apiShape.REDIS_URL }, env).REDIS_URL),
    TRUSTED_PROXIES: read(() => loadConfig({ TRUSTED_PROXIES: apiShape.TRUSTED_PROXIES }, env).TRUSTED_PROXIES),
    DATABASE_CONNECTIONS: read(
      () => loadConfig({ DATABASE_CONNECTIONS: apiShape.DATABASE_CONNECTIONS }, env).DATABASE_CONNECTIONS,
    ),
    SIGNING_KEYS_SECRET: read(
      () => loadConfig({ SIGNING_KEYS_SECRET: providerShape.SIGNING_KEYS_SECRET }, env).SIGNING_KEYS_SECRET,
    ),
    CLIENT_REGISTRATION: read(
      () => loadConfig({ CLIENT_REGISTRATION: providerShape.CLIENT_REGISTRATION }, env).CLIENT_REGISTRATION,
    ),
    lifetimes: read(() =>
      loadConfig(
        { ACCESS_TOKEN_TTL: providerShape.ACCESS_TOKEN_TTL, SESSION_ABSOLUTE_TTL: providerShape.SESSION_ABSOLUTE_TTL },
        env,
      ),
    ),
  }
}

export type ReadConfig = ReturnType<typeof readConfig>

function read<T>(load: () => T): T | undefined {
  try {
    return load()
  } catch (error) {
    if (error instanceof ConfigError) return undefined
    throw error
  }
}
