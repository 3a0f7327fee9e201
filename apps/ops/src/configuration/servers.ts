import {
  apiProblems,
  apiShape,
  ConfigError,
  type Environment,
  loadConfig,
  providerShape,
  standaloneShape,
} from '@daytona-auth/service'

export const SERVERS = ['api', 'oidc', 'standalone'] as const
export type Server = (typeof SERVERS)[number]

/** The variables of each server. What standalone says of one goes before what its two servers do. */
export const SHAPES = {
  api: apiShape,
  oidc: providerShape,
  standalone: standaloneShape,
} as const

/** Something wrong with the environment, as a start of these servers would say it. */
export interface Problem {
  readonly servers: readonly Server[]
  readonly problem: string
}

/** All that is wrong for any of `servers`, each once. */
export function problemsOf(servers: readonly Server[], env: Environment): Problem[] {
  const found = new Map<string, Server[]>()
  for (const server of servers) {
    for (const problem of problemsAt(server, env)) found.set(problem, [...(found.get(problem) ?? []), server])
  }
  return [...found].map(([problem, those]) => ({ servers: those, problem }))
}

function problemsAt(server: Server, env: Environment): readonly string[] {
  try {
    if (server === 'api') return apiProblems(loadConfig(apiShape, env))
    loadConfig(SHAPES[server], env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}
