import * as z from 'zod'

/** An issue as zod passes it to an error map. */
type Issue = z.core.$ZodRawIssue

/**
 * Describes an issue to the sender of a request: `is required`, `must be a whole number from 1 to 200`. Replaces zod's own
 * texts; a message that a schema defines takes precedence. Repeats nothing of the value.
 */
export function describeIssue(issue: Issue): string {
  const { code, input, schema, inst } = issue
  if (code === 'unrecognized_keys') return 'unknown member' // zod's message repeats every name
  if (code === 'invalid_key') return describeMemberName(issue)
  if (code === 'custom') return 'is not valid'
  if (input === undefined) return 'is required'
  if (code === 'too_big' || code === 'too_small') return describeSize(issue) ?? describeOwner(schema ?? inst)
  return describeOwner(schema ?? inst)
}

const describeOwner = (owner: unknown): string =>
  owner instanceof z.ZodType ? `must be ${describeSchema(owner)}` : 'is not valid'

/** Describes the length that a text or list must have; undefined for numbers, whose schema has both bounds. */
function describeSize({ origin, maximum, minimum }: Issue): string | undefined {
  const bound = maximum === undefined ? `at least ${String(minimum)}` : `at most ${String(maximum)}`
  if (origin === 'string') return `must be ${bound} characters`
  return origin === 'array' ? `must have ${bound} items` : undefined
}

/** Describes a member name that the sender chose. zod has already described what is wrong with it. */
function describeMemberName({ issues }: Issue): string {
  const [first] = (issues ?? []) as readonly { readonly message: string }[]
  return first === undefined ? 'has a name that is not valid' : `has a name that ${first.message}`
}

/** Describes what a schema accepts, in words that follow "must be". */
function describeSchema(schema: z.core.$ZodType): string {
  if (schema instanceof z.ZodNumber) return describeNumber(schema)
  if (schema instanceof z.ZodStringFormat) return FORMATS[schema._zod.def.format] ?? 'text in another format'
  if (schema instanceof z.ZodString) return 'text'
  if (schema instanceof z.ZodEnum) return oneOf(schema.options)
  if (schema instanceof z.ZodLiteral) return oneOf([...schema.values])
  if (schema instanceof z.ZodUnion) return schema.options.map(describeSchema).join(' or ')
  if (schema instanceof z.ZodNullable) return `${describeSchema(schema._zod.def.innerType)} or null`
  if (schema instanceof z.ZodBoolean) return 'true or false'
  if (schema instanceof z.ZodNull) return 'null'
  if (schema instanceof z.ZodArray) return 'a list'
  if (schema instanceof z.ZodObject || schema instanceof z.ZodRecord) return 'an object'
  return 'of another type'
}

const FORMATS: Readonly<Record<string, string>> = {
  datetime: 'a time of RFC 3339, such as 2030-12-31T23:59:59Z',
  date: 'a date, such as 2030-12-31',
  email: 'an e-mail address',
  url: 'a URL',
}

function describeNumber({ minValue, maxValue, isInt }: z.ZodNumber): string {
  const kind = isInt ? 'a whole number' : 'a number'
  // zod bounds integers by what JavaScript represents exactly, which is no rule of the API.
  const min = minValue !== null && minValue > Number.MIN_SAFE_INTEGER ? minValue : undefined
  const max = maxValue !== null && maxValue < Number.MAX_SAFE_INTEGER ? maxValue : undefined
  if (min !== undefined && max !== undefined) return `${kind} from ${min} to ${max}`
  if (min !== undefined) return `${kind} of at least ${min}`
  return max === undefined ? kind : `${kind} of at most ${max}`
}

const oneOf = (values: readonly unknown[]): string =>
  values.length === 1 ? String(values[0]) : `one of ${values.map(String).join(', ')}`
