import { type Environment, type GivenVariable, givenVariables, type Variable, variablesOf } from '@daytona-auth/service'
import { type Server, SHAPES } from './servers.ts'

/** A variable with the servers that read it. One that they read differently stands there for each reading. */
export type Of<T extends Variable> = T & { readonly servers: readonly Server[] }

/** The variables of `servers`, in the order of their shapes. */
export const variablesFor = (servers: readonly Server[]): Of<Variable>[] =>
  merged(servers, (server) => variablesOf(SHAPES[server]))

/** The same with what `env` says to them. */
export const givenVariablesFor = (servers: readonly Server[], env: Environment): Of<GivenVariable>[] =>
  merged(servers, (server) => givenVariables(SHAPES[server], env))

function merged<T extends Variable>(servers: readonly Server[], read: (server: Server) => readonly T[]): Of<T>[] {
  const found = new Map<string, Of<T>>()
  for (const server of servers) {
    for (const variable of read(server)) {
      const reading = JSON.stringify([variable.name, variable.meaning, variable.default, variable.isRequired])
      const known = found.get(reading)
      found.set(reading, { ...variable, servers: [...(known?.servers ?? []), server] })
    }
  }
  return [...found.values()]
}
