import * as z from 'zod'
import type { Environment } from './environment.ts'
import { MAKE_ONE } from './secret.ts'
import { readVariableFile, variablesOf } from './variable.ts'

/**
 * Thrown for an environment that the process cannot run with. `message` is the complete text for the operator: one
 * line that names every invalid variable. It contains no values, because a value may be a secret.
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
 * Reads `env` once, at startup, and returns it parsed and frozen.
 *
 * Any variable `X` may be set as `X_FILE` instead, the path of a file with the value: Docker and Kubernetes pass secrets
 * this way. An empty variable counts as absent, because compose files pass `X=` for an unset one.
 *
 * @throws ConfigError, which lists all problems
 */
export function loadConfig<S extends z.ZodRawShape>(shape: S, env: Environment): Readonly<z.output<z.ZodObject<S>>> {
  const values: Environment = {}
  const problems: string[] = []
  const unreadable = new Set<string>()
  for (const name of Object.keys(shape)) {
    const { value, problem } = read(name, env)
    if (value !== undefined) values[name] = value
    if (problem !== undefined) {
      problems.push(problem)
      unreadable.add(name)
    }
  }

  // Runs once: compiling a faster parser would take longer than this parse.
  const parsed = z.object(shape).safeParse(values, { jitless: true })
  for (const issue of parsed.error?.issues ?? []) {
    const name = String(issue.path[0])
    if (!unreadable.has(name)) problems.push(describe(name, shape, issue.message, values[name]))
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
  // No check of zod or ours repeats a value today. This keeps a future one from printing a secret.
  return message.includes(value) ? `${name} is invalid` : `${name} ${message}`
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const member of Object.values(value)) deepFreeze(member)
  }
  return value
}
