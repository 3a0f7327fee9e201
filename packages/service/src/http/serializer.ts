import fastJsonStringify from 'fast-json-stringify'
import * as z from 'zod'

/** Where fast-json-stringify would not just write the value: `date-time` for one is written without escaping. */
const CHECKS = ['format', 'pattern', 'contentEncoding', 'default', 'examples', 'title', 'description']

export type Serializer = (value: unknown) => string

/**
 * Makes the serializer of a response from its zod schema. It writes the members that the schema names and no other, and
 * throws where a required one is missing. It does not check the values again: encoding through zod at run time makes a
 * route serve 0.78 of the requests.
 *
 * It is compiled with the first answer: compiling those of all routes, 1 to 2 ms each, is a good part of what starting
 * takes. A schema that holds what JSON cannot is found before: the OpenAPI document is made of the same ones.
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
    // Without ids everything stands in place: the ids are for the OpenAPI document.
    metadata: z.registry(),
    override: ({ jsonSchema }) => {
      for (const keyword of CHECKS) delete jsonSchema[keyword as keyof typeof jsonSchema]
      nullInPlace(jsonSchema)
    },
  })
}

/** Most routes share their error responses. */
const compiled = new WeakMap<z.ZodType, Serializer>()

/**
 * `X | null` as `nullable: true`. As the `anyOf` that zod writes, fast-json-stringify would load Ajv and validate each
 * value with it to find the branch.
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
