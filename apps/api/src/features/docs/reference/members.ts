import type { ReferenceDocument, Schema } from './document.ts'

/** A member of a body, or a parameter, as a reader sees it. */
export interface Member {
  readonly name: string
  readonly type: string
  readonly isRequired: boolean
  readonly description: string
  /** The values that it may have; empty if it may have others. */
  readonly values: readonly string[]
  /** Such as `1 to 128 characters`. */
  readonly limits: readonly string[]
  readonly members: readonly Member[]
}

type Schemas = ReferenceDocument['components']['schemas']

const NAME = '#/components/schemas/'

/** Nothing in the document refers to itself. This ends the walk if something does one day. */
const MAX_DEPTH = 6

/** Returns the members of a schema: of an object, of the items of a list, or none. */
export function membersOf(schema: Schema, schemas: Schemas, depth = 0): readonly Member[] {
  const { properties, required = [], items } = resolve(schema, schemas)
  if (depth === MAX_DEPTH) return []
  if (items) return membersOf(items, schemas, depth + 1)
  return Object.entries(properties ?? {}).map(([name, member]) =>
    describeMember({ name, schema: member, isRequired: required.includes(name), schemas, depth }),
  )
}

interface Described {
  readonly name: string
  readonly schema: Schema
  readonly isRequired: boolean
  readonly schemas: Schemas
  readonly depth?: number
}

/** Describes one member or parameter. */
export function describeMember({ name, schema, isRequired, schemas, depth = 0 }: Described): Member {
  const resolved = resolve(schema, schemas)
  const values = resolved.enum ?? resolved.items?.enum ?? resolve(resolved.items ?? {}, schemas).enum ?? []
  return {
    name,
    type: typeOf(schema, schemas),
    isRequired,
    description: schema.description ?? resolved.description ?? '',
    values: values.filter((value) => value !== null).map((value) => String(value)),
    limits: limitsOf(resolved),
    members: membersOf(schema, schemas, depth + 1),
  }
}

/** Names the type of a schema, such as `list of string` or `date-time or null`. */
export function typeOf(schema: Schema, schemas: Schemas): string {
  const { type, format, items, anyOf, const: constant } = schema.$ref ? resolve(schema, schemas) : schema
  if (anyOf) return [...new Set(anyOf.map((one) => typeOf(one, schemas)))].join(' or ')
  if (type === 'array' && items) return `list of ${typeOf(items, schemas)}`
  if (constant !== undefined) return JSON.stringify(constant)
  if (format !== undefined) return format
  return type === undefined ? 'any' : [type].flat().join(' or ')
}

/** Follows a reference, and takes the alternative of `null`. */
function resolve(schema: Schema, schemas: Schemas): Schema {
  if (schema.$ref !== undefined) {
    const { $ref, ...own } = schema
    return { ...resolve(schemas[$ref.slice(NAME.length)] ?? {}, schemas), ...own }
  }
  const [only, ...others] = (schema.anyOf ?? []).filter(({ type }) => type !== 'null')
  if (only === undefined || others.length > 0) return schema
  const { anyOf, ...own } = schema
  return { ...resolve(only, schemas), ...own }
}

function limitsOf(schema: Schema): readonly string[] {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems, default: given } = schema
  return [
    span(minimum, known(maximum)),
    span(minLength || undefined, maxLength, 'characters'),
    span(minItems, maxItems, 'items'),
    given === undefined ? '' : `default ${JSON.stringify(given)}`,
  ].filter(Boolean)
}

/** The maximum of a number that is only a whole one. */
const known = (maximum: number | undefined) => (maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum)

function span(min: number | undefined, max: number | undefined, unit = ''): string {
  const text = (value: number) => value.toLocaleString('en')
  if (min !== undefined && max !== undefined) return `${text(min)} to ${text(max)} ${unit}`.trim()
  if (max !== undefined) return `at most ${text(max)} ${unit}`.trim()
  return min === undefined || min === Number.MIN_SAFE_INTEGER ? '' : `at least ${text(min)} ${unit}`.trim()
}
