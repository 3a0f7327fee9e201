import { readFileSync } from 'node:fs'
import * as z from 'zod'
import type { Environment } from './environment.ts'

/** What is known of a variable beside its schema and its description. Registered on the schema, or on one inside it. */
export interface VariableFacts {
  /** What is never shown: the whole value, or the password that a URL may have in it. */
  readonly secret?: 'whole' | 'password'
  /** What a value looks like, for a person who has none yet. */
  readonly example?: string
  /** What stands in where nothing is given and a constant would not do: `ISSUER`. */
  readonly fallback?: string
}

/** `schema.register(variableFacts, { … })`. */
export const variableFacts = z.registry<VariableFacts>()

/** A variable as its reader sees it. */
export interface Variable extends VariableFacts {
  readonly name: string
  /** What it does, in a sentence. */
  readonly meaning: string
  readonly isRequired: boolean
  /** As one would write it; undefined where there is none. */
  readonly default: string | undefined
}

/** The variables of `shape`, in its order. */
export const variablesOf = (shape: z.ZodRawShape): Variable[] =>
  Object.entries(shape).map(([name, schema]) => {
    const layers = [...layersOf(schema)]
    return {
      ...Object.assign({}, ...layers.map((layer) => variableFacts.get(layer)).reverse()),
      name,
      meaning: layers.map((layer) => z.globalRegistry.get(layer)?.description).find((text) => text !== undefined) ?? '',
      isRequired: !z.safeParse(schema, undefined).success,
      default: layers.map(defaultOf).find((text) => text !== undefined),
    }
  })

/** A value of a variable, and where it is from. */
export interface GivenVariable extends Variable {
  readonly source: 'environment' | 'file' | 'default' | 'none'
  /** The path that `X_FILE` names. */
  readonly file?: string
  /** What holds, secrets masked; undefined where nothing does, or the file cannot be read. */
  readonly value: string | undefined
}

/** What `env` says to each variable of `shape`, for a person to read: no secret is in it. */
export function givenVariables(shape: z.ZodRawShape, env: Environment): GivenVariable[] {
  return variablesOf(shape).map((variable): GivenVariable => {
    const { name } = variable
    const [value, file] = [env[name] || undefined, env[`${name}_FILE`] || undefined]
    if (value !== undefined) return { ...variable, source: 'environment', value: masked(value, variable) }
    if (file !== undefined) return { ...variable, source: 'file', file, value: masked(readValue(file), variable) }
    return { ...variable, source: variable.default === undefined ? 'none' : 'default', value: variable.default }
  })
}

/**
 * Reads the value of a variable from a file. Editors and `echo` end one with a newline, those of Windows with two
 * characters and begin it with a byte order mark: none of that is part of the value. @throws as reading the file does
 */
export const readVariableFile = (path: string): string | undefined =>
  readFileSync(path, 'utf8')
    .replace(/^\uFEFF/, '')
    .replace(/\r?\n$/, '') || undefined

const MASK = '********'
const SECRET_PARAMETER = /pass|secret|token|key/i

/** Of one length whatever is behind it. A URL loses its password wherever it stands: it may have been put there in error. */
function masked(value: string | undefined, { secret }: VariableFacts): string | undefined {
  if (value === undefined) return value
  const url = secret === 'whole' ? null : URL.parse(value)
  if (url === null) return secret === undefined ? value : MASK
  const names = [...url.searchParams.keys()].filter((name) => SECRET_PARAMETER.test(name))
  if (!url.password && names.length === 0) return value
  if (url.password) url.password = MASK
  for (const name of names) url.searchParams.set(name, MASK)
  return url.href
}

function readValue(path: string): string | undefined {
  try {
    return readVariableFile(path)
  } catch {
    return undefined
  }
}

/** A schema and those inside it, from the outermost. */
function* layersOf(schema: z.core.$ZodType): Generator<z.core.$ZodType> {
  yield schema
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    yield* layersOf(schema.unwrap())
  } else if (schema instanceof z.ZodPipe) yield* layersOf(schema.in)
}

function defaultOf(schema: z.core.$ZodType): string | undefined {
  if (!(schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)) return undefined
  return String(schema.def.defaultValue) || undefined
}
