import { ConfigError, type Environment, loadConfig } from '@daytona-auth/service'
import { providerShape } from './provider.ts'
import { loadUpstreams } from './upstream.ts'

/** Reads the variables of the provider and its upstream providers. @throws ConfigError that lists the problems of both */
export function loadProviderVariables(env: Environment) {
  const problems: string[] = []
  const upstreams = collect(() => loadUpstreams(env))
  const variables = collect(() => loadConfig(providerShape, env))
  if (!variables || !upstreams) throw new ConfigError(problems)
  return { ...variables, upstreams }

  function collect<T>(load: () => T): T | undefined {
    try {
      return load()
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.push(...error.problems)
      return undefined
    }
  }
}
