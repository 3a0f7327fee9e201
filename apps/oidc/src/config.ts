import { loadProviderVariables } from '@daytona-auth/configuration/load-provider'
import type { Environment } from '@daytona-auth/service'

type Parsed = ReturnType<typeof loadProviderVariables>

/** Durations are in milliseconds. */
export type ProviderConfig = Readonly<Omit<Parsed, 'API_AUDIENCE'> & { API_AUDIENCE: string }>

/** Reads the provider's environment once. @throws ConfigError that names every invalid variable, without values */
export function loadProviderConfig(env: Environment): ProviderConfig {
  const config = loadProviderVariables(env)
  return Object.freeze({ ...config, API_AUDIENCE: config.API_AUDIENCE ?? config.ISSUER })
}

/** Whether cookies must be `Secure`: for every issuer except one on loopback. */
export const isSecure = (issuer: string): boolean => issuer.startsWith('https:')
