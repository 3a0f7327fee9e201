import type { FastifySchemaValidationError } from 'fastify'
import type * as z from 'zod'
import { describeIssue } from './issue-message.ts'

/** More than a person reads, and a bound on the size of the response to a small request. */
export const MAX_DETAILS = 20

/** Replaces zod's messages. */
const WORDS = { error: describeIssue }

/**
 * Creates the validator of a part of a request from its zod schema. At most `MAX_DETAILS` problems are reported, each with
 * a path of names from the schema; a name that the client chose for a member of a record is `*`.
 */
export const compileValidator = (schema: z.ZodType) => (data: unknown) => {
  const { data: value, error } = schema.safeParse(data, WORDS)
  if (error === undefined) return { value }
  const problems = error.issues.slice(0, MAX_DETAILS).map(
    ({ code, path, message }): FastifySchemaValidationError => ({
      keyword: code,
      instancePath: `/${knownPath(schema, path).join('/')}`,
      schemaPath: '',
      message,
      params: {},
    }),
  )
  // Fastify passes the list to `schemaErrorFormatter`, but types it as an error.
  return { error: problems as unknown as Error }
}

/** Returns the path with `*` for every step that is neither a position nor a member of the schema. */
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

/** Returns the definition of a schema without its wrappers: optional, default, pipe. */
function definitionOf(schema: z.core.$ZodType): z.core.$ZodTypes['_zod']['def'] {
  // Every schema created with zod is one of these.
  const { def } = (schema as z.core.$ZodTypes)._zod
  if (def.type === 'pipe') {
    const isPreprocessed = (def.in as z.core.$ZodTypes)._zod.def.type === 'transform'
    return definitionOf(isPreprocessed ? def.out : def.in)
  }
  return 'innerType' in def ? definitionOf(def.innerType) : def
}
