import { readFileSync } from 'node:fs'
import * as z from 'zod'
import type { Environment } from './environment.ts'

/** Facts of a variable besides its schema and description. Registered on the schema, or on one inside it. */
export interface VariableFacts {
  /** The part that is never shown: the whole value, or the password in a URL. */
  readonly secret?: 'whole' | 'password'
  /** An example value, for error messages. */
  readonly example?: string
  /** The default where it is not a constant: `ISSUER`. */
  readonly fallback?: string
}

/** `schema.register(variableFacts, { … })`. */
export const variableFacts = z.registry<VariableFacts>()

/** The documentation of a variable. */
export interface Variable extends VariableFacts {
  readonly name: string
  /** Its description, in full sentences. */
  readonly meaning: string
  readonly isRequired: boolean
  /** As written in the environment; undefined if there is none. */
  readonly default: string | undefined
}

/** Returns the variables of `shape`, in its order. */
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

/** The value of a variable and its source. */
export interface GivenVariable extends Variable {
  readonly source: 'environment' | 'file' | 'default' | 'none'
  /** The path that `X_FILE` names. */
  readonly file?: string
  /** The value in effect with secrets masked; undefined if there is none or the file cannot be read. */
  readonly value: string | undefined
}

/** Returns the value and source of each variable of `shape` in `env`, for display. Secrets are masked. */
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
 * Reads the value of a variable from a file. A final newline, which editors and `echo` add, and a byte order mark, which
 * editors on Windows add, are not part of the value.
 * @throws the error of reading the file
 */
export const readVariableFile = (path: string): string | undefined =>
  readFileSync(path, 'utf8')
    .replace(/^\uFEFF/, '')
    .replace(/\r?\n$/, '') || undefined

const MASK = '********'
const SECRET_PARAMETER = /pass|secret|token|key/i

/** Masks with a fixed length. A URL loses its password also in its query, where it may have been put in error. */
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

/** Yields a schema and those inside it, from the outermost. */
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
