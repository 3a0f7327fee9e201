import fastJsonStringify from 'fast-json-stringify'
import * as z from 'zod'

/** Keywords that change how fast-json-stringify writes a value: it writes `date-time` without escaping, for example. */
const CHECKS = ['format', 'pattern', 'contentEncoding', 'default', 'examples', 'title', 'description']

export type Serializer = (value: unknown) => string

/**
 * Creates the serializer of a response from its zod schema. It writes only the members of the schema and throws if a
 * required one is missing. It does not validate the values: encoding with zod at run time reduces the throughput of a
 * route to 0.78.
 *
 * It is compiled at the first response, because compiling all routes (1 to 2 ms each) takes a large part of startup. A
 * schema with types that JSON lacks fails earlier: the OpenAPI document is generated from the same schemas.
 */
export function compileSerializer(schema: z.ZodType): Serializer {
  const known = compiled.get(schema)
  if (known !== undefined) return known
  let write: Serializer | undefined
  const serializer: Serializer = (value) => {
    // The two libraries type the same draft-7 document differently.
    write ??= fastJsonStringify(jsonSchemaOf(schema) as Parameters<typeof fastJsonStringify>[0])
    return write(value)
  }
  compiled.set(schema, serializer)
  return serializer
}

function jsonSchemaOf(schema: z.ZodType) {
  return z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'output',
    // An empty registry inlines all schemas: their ids are for the OpenAPI document.
    metadata: z.registry(),
    override: ({ jsonSchema }) => {
      for (const keyword of CHECKS) delete jsonSchema[keyword as keyof typeof jsonSchema]
      nullInPlace(jsonSchema)
    },
  })
}

/** Compiled serializers by schema: most routes share their error responses. */
const compiled = new WeakMap<z.ZodType, Serializer>()

/**
 * Rewrites `X | null` to `nullable: true`. For the `anyOf` that zod writes, fast-json-stringify would load Ajv and validate
 * each value to select the branch.
 */
function nullInPlace(json: z.core.JSONSchema.BaseSchema): void {
  const [one, other, ...more] = json.anyOf ?? []
  if (one === undefined || other === undefined || more.length > 0) return
  const value = isNull(other) ? one : isNull(one) ? other : undefined
  if (value === undefined) return
  delete json.anyOf
  Object.assign(json, value, { nullable: true })
}

function isNull(json: z.core.JSONSchema._JSONSchema): boolean {
  return typeof json === 'object' && json.type === 'null'
}
