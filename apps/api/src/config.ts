import { apiProblems, apiShape } from '@daytona-auth/configuration/api'
import { ConfigError, type Environment, loadConfig } from '@daytona-auth/service'

/** The API's configuration, read from environment variables. */
export type ApiConfig = Omit<ReturnType<typeof load>, 'API_AUDIENCE'> & { readonly API_AUDIENCE: string }

/** Reads the environment once. Throws a `ConfigError` that names every bad variable and no value. */
export function loadApiConfig(env: Environment): ApiConfig {
  const config = load(env)
  const problems = apiProblems(config)
  if (problems.length > 0) throw new ConfigError(problems)
  return Object.freeze({ ...config, API_AUDIENCE: config.API_AUDIENCE ?? config.ISSUER })
}

const load = (env: Environment) => loadConfig(apiShape, env)
