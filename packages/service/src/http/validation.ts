import type { FastifySchemaValidationError } from 'fastify'
import type * as z from 'zod'

/** More than a person reads, and a bound on how much answer a small request can ask for. */
export const MAX_DETAILS = 20

/**
 * Makes the validator of a part of a request from its zod schema. At most `MAX_DETAILS` problems are passed on, each with
 * a path of names that the schema has: what a client called a member of a record is `*`.
 */
export const compileValidator = (schema: z.ZodType) => (data: unknown) => {
  const { data: value, error } = schema.safeParse(data)
  if (error === undefined) return { value }
  const problems = error.issues.slice(0, MAX_DETAILS).map(
    ({ code, path, message }): FastifySchemaValidationError => ({
      keyword: code,
      instancePath: `/${knownPath(schema, path).join('/')}`,
      schemaPath: '',
      message: code === 'unrecognized_keys' ? 'unknown member' : message, // zod's repeats every name
      params: {},
    }),
  )
  // Fastify passes the list on to `schemaErrorFormatter`; its type for it is that of an error.
  return { error: problems as unknown as Error }
}

/** The path with `*` for every step that is not a position or a member that the schema names. */
function knownPath(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  let current: z.core.$ZodType | undefined = schema
  return path.map((step) => {
    const definition = current === undefined ? undefined : definitionOf(current)
    if (definition?.type === 'array') current = definition.element
    else if (definition?.type === 'record') current = definition.valueType
    else if (definition?.type === 'object') current = definition.shape[String(step)]
    else current = undefined
    const isKnown = typeof step === 'number' || (definition?.type === 'object' && Object.hasOwn(definition.shape, step))
    return isKnown ? String(step) : '*'
  })
}

/** The definition of a schema without what is wrapped around it: optional, default, pipe. */
function definitionOf(schema: z.core.$ZodType): z.core.$ZodTypes['_zod']['def'] {
  // Every schema that can be made with zod is one of these.
  const { def } = (schema as z.core.$ZodTypes)._zod
  if (def.type === 'pipe') {
    const isPreprocessed = (def.in as z.core.$ZodTypes)._zod.def.type === 'transform'
    return definitionOf(isPreprocessed ? def.out : def.in)
  }
  return 'innerType' in def ? definitionOf(def.innerType) : def
}
