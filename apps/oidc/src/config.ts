import { providerShape } from '@daytona-auth/configuration/provider'
import { type Environment, loadConfig } from '@daytona-auth/service'
import type * as z from 'zod'

type Parsed = z.output<z.ZodObject<typeof providerShape>>

/** Durations are in milliseconds. */
export type ProviderConfig = Readonly<Omit<Parsed, 'API_AUDIENCE'> & { API_AUDIENCE: string }>

/** Reads the provider's environment once. @throws ConfigError that names every invalid variable, without values */
export function loadProviderConfig(env: Environment): ProviderConfig {
  const config = loadConfig(providerShape, env)
  return Object.freeze({ ...config, API_AUDIENCE: config.API_AUDIENCE ?? config.ISSUER })
}

/** Whether cookies must be `Secure`: for every issuer except one on loopback. */
export const isSecure = (issuer: string): boolean => issuer.startsWith('https:')
