import * as z from 'zod'
import type { Environment } from './environment.ts'
import { MAKE_ONE } from './secret.ts'
import { readVariableFile, variablesOf } from './variable.ts'

/**
 * The environment is not one that this process can run with. `message` is the whole text for a person: one line that
 * names every bad variable and repeats no value, because a value may be a secret.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`invalid environment: ${problems.join('; ')}`)
    this.problems = problems
  }
}

/**
 * Reads `env` once, at boot, and returns it parsed and frozen.
 *
 * Any variable `X` may be given as `X_FILE` instead, the path of a file that holds the value: this is how Docker and
 * Kubernetes hand out secrets. An empty variable counts as absent, because compose files pass `X=` for an unset one.
 *
 * Throws a `ConfigError` that lists all problems at once.
 */
export function loadConfig<S extends z.ZodRawShape>(shape: S, env: Environment): Readonly<z.output<z.ZodObject<S>>> {
  const values: Environment = {}
  const problems: string[] = []
  const told = new Set<string>()
  for (const name of Object.keys(shape)) {
    const { value, problem } = read(name, env)
    if (value !== undefined) values[name] = value
    if (problem !== undefined) {
      problems.push(problem)
      told.add(name)
    }
  }

  // Once only: compiling what makes the second time faster would take longer.
  const parsed = z.object(shape).safeParse(values, { jitless: true })
  for (const issue of parsed.error?.issues ?? []) {
    const name = String(issue.path[0])
    if (!told.has(name)) problems.push(describe(name, shape, issue.message, values[name]))
  }
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems)
  return deepFreeze(parsed.data)
}

function read(name: string, env: Environment): { value?: string | undefined; problem?: string } {
  const value = env[name] || undefined
  const path = env[`${name}_FILE`] || undefined
  if (path === undefined) return { value }
  if (value !== undefined) return { problem: `${name} and ${name}_FILE are both set: set one of them` }
  try {
    return { value: readVariableFile(path) }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : 'unknown'
    return { problem: `${name}_FILE cannot be read (${code}): name a file that this user may read` }
  }
}

function describe(name: string, shape: z.ZodRawShape, message: string, value: string | undefined): string {
  if (value === undefined) {
    const { secret, example } = variablesOf(shape).find((variable) => variable.name === name) ?? {}
    if (secret === 'whole') return `${name} is required: ${MAKE_ONE}, and keep it`
    return example === undefined ? `${name} is required` : `${name} is required, such as ${example}`
  }
  // zod and our own checks name no values; this keeps a check that one day does from printing a secret.
  return message.includes(value) ? `${name} is invalid` : `${name} ${message}`
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const member of Object.values(value)) deepFreeze(member)
  }
  return value
}
