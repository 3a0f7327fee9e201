import { type Environment, type GivenVariable, givenVariables, type Variable, variablesOf } from '@daytona-auth/service'
import { type Server, SHAPES, shapeIn } from './servers.ts'

/** A variable with the servers that read it. One that servers define differently is listed for each definition. */
export type Of<T extends Variable> = T & { readonly servers: readonly Server[] }

/** Returns the variables of `servers`, in the order of their definitions. */
export const variablesFor = (servers: readonly Server[]): Of<Variable>[] =>
  merged(servers, (server) => variablesOf(SHAPES[server]))

/** Returns the variables of `servers` with their values in `env`. */
export const givenVariablesFor = (servers: readonly Server[], env: Environment): Of<GivenVariable>[] =>
  merged(servers, (server) => givenVariables(shapeIn(server, env), env))

function merged<T extends Variable>(servers: readonly Server[], read: (server: Server) => readonly T[]): Of<T>[] {
  const found = new Map<string, Of<T>>()
  for (const server of servers) {
    for (const variable of read(server)) {
      const definition = JSON.stringify([variable.name, variable.meaning, variable.default, variable.isRequired])
      const known = found.get(definition)
      found.set(definition, { ...variable, servers: [...(known?.servers ?? []), server] })
    }
  }
  return [...found.values()]
}
