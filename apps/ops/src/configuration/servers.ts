import { apiProblems, apiShape } from '@daytona-auth/configuration/api'
import { loadProviderVariables } from '@daytona-auth/configuration/load-provider'
import { providerShape } from '@daytona-auth/configuration/provider'
import { standaloneShape } from '@daytona-auth/configuration/standalone'
import { upstreamShape, upstreamShapeOf } from '@daytona-auth/configuration/upstream'
import { ConfigError, type Environment, loadConfig } from '@daytona-auth/service'
import type * as z from 'zod'

export const SERVERS = ['api', 'oidc', 'standalone'] as const
export type Server = (typeof SERVERS)[number]

/**
 * The variables of each server, for the reference. A definition of standalone takes precedence over those of its two
 * servers.
 */
export const SHAPES: Readonly<Record<Server, z.ZodRawShape>> = {
  api: apiShape,
  oidc: { ...providerShape, ...upstreamShape },
  standalone: standaloneShape,
}

/** Returns the variables of a server in `env`: those of the upstream providers have their names. */
export const shapeIn = (server: Server, env: Environment): z.ZodRawShape =>
  server === 'oidc' ? { ...providerShape, ...upstreamShapeOf(env) } : SHAPES[server]

/** A problem of the environment, in the words of these servers' startup error. */
export interface Problem {
  readonly servers: readonly Server[]
  readonly problem: string
}

/** Returns the problems of `servers`, each once with the servers that it affects. */
export function problemsOf(servers: readonly Server[], env: Environment): Problem[] {
  const found = new Map<string, Server[]>()
  for (const server of servers) {
    for (const problem of problemsOfServer(server, env)) found.set(problem, [...(found.get(problem) ?? []), server])
  }
  return [...found].map(([problem, affected]) => ({ servers: affected, problem }))
}

function problemsOfServer(server: Server, env: Environment): readonly string[] {
  try {
    if (server === 'api') return apiProblems(loadConfig(apiShape, env))
    if (server === 'oidc') loadProviderVariables(env)
    else loadConfig(SHAPES[server], env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}
