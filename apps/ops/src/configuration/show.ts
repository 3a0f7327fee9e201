import type { GivenVariable } from '@daytona-auth/service'
import { EXIT, type Host } from '../host.ts'
import type { Output } from '../output.ts'
import { type Problem, problemsOf, type Server } from './servers.ts'
import { givenVariablesFor, type Of } from './variables.ts'

/** Prints the configuration of `servers`, then its problems. The exit code is 2 if there are any. */
export async function showConfiguration(host: Host, output: Output, servers: readonly Server[]): Promise<void> {
  const variables = givenVariablesFor(servers, host.env)
  const problems = problemsOf(servers, host.env)
  await output.answer({ variables: variables.map(wireOf), problems }, textOf(variables, problems))
  if (problems.length > 0) host.exitCode = EXIT.trouble
}

const wireOf = ({
  name,
  servers,
  source,
  file,
  value,
  default: standard,
  fallback,
  isRequired,
  secret,
  meaning,
}: Of<GivenVariable>) => ({
  name,
  servers,
  source,
  file: file ?? null,
  value: value ?? null,
  default: standard ?? null,
  fallback: fallback ?? null,
  isRequired,
  isSecret: secret !== undefined,
  meaning,
})

function textOf(variables: readonly Of<GivenVariable>[], problems: readonly Problem[]): string {
  const blocks = variables.map((variable) => {
    const { name, servers, value, meaning } = variable
    return `${name}${value === undefined ? '' : `=${value}`}\n  ${originOf(variable)}; read by ${servers.join(', ')}\n  ${meaning}\n`
  })
  const lines = problems.map(({ servers, problem }) => `  ${problem} (${servers.join(', ')})`)
  const summary = problems.length === 0 ? 'no problems' : `problems:\n${lines.join('\n')}`
  return `${blocks.join('\n')}\n${summary}`
}

function originOf({ source, file, default: standard, fallback, isRequired }: GivenVariable): string {
  const instead = standard === undefined ? '' : ` (default ${standard})`
  if (source === 'environment') return `from the environment${instead}`
  if (source === 'file') return `from the file ${file}${instead}`
  if (source === 'default') return 'the default'
  if (fallback !== undefined) return `not set: ${fallback}`
  return isRequired ? 'not set, and required' : 'not set'
}
