import * as z from 'zod'

// The length of input is checked before any other work on it. Characters cost a client nothing, while `normalize`, regular
// expressions, look-ups and the parsing of items take time on the event loop in proportion to the length or its square.

/** Bounds of a text. Longer text reaches no other check, because zod skips those after an aborting one. */
export interface TextBounds {
  /** The most UTF-16 code units, counted as sent: before `normalize` and trimming. */
  readonly max: number
  readonly min?: number
  /** The message for a longer one; it must not repeat the text. */
  readonly error?: string
}

/**
 * Returns a schema for text of at most `max` UTF-16 code units. Checks that are chained to it (`overwrite`, `refine`,
 * `regex`) do not run on longer text. A format of zod's (`z.iso.datetime()`) is attached with `pipe`.
 */
export function boundedText({ max, min = 0, error = `must be at most ${max} characters` }: TextBounds): z.ZodString {
  const text = z.string().max(max, { abort: true, error })
  return min === 0 ? text : text.min(min, min === 1 ? 'must not be empty' : `must be at least ${min} characters`)
}

export interface ListBounds {
  /** The most items, duplicates included. */
  readonly max: number
  readonly min?: number
  /** The message for fewer than `min` items. */
  readonly tooFew?: string
}

/** Returns a schema for an array of at most `max` items. zod compares the length before it parses an item. */
export function boundedList<Item extends z.ZodType>(
  item: Item,
  { max, min = 0, tooFew }: ListBounds,
): z.ZodArray<Item> {
  const list = z.array(item).max(max, { abort: true, error: `must have at most ${max} items` })
  return min === 0 ? list : list.min(min, tooFew ?? `must have at least ${min} items`)
}

export interface RecordBounds<Value extends z.ZodType> {
  /** The most members. */
  readonly max: number
  readonly key: z.ZodString
  readonly value: Value
}

/** Returns a schema for an object with arbitrary member names, at most `max`. They are counted before any is parsed. */
export function boundedRecord<Value extends z.ZodType>({
  max,
  key,
  value,
}: RecordBounds<Value>): z.ZodRecord<z.ZodString, Value> {
  const definition = { type: 'record' as const, keyType: key, valueType: value, maximum: max }
  // zod's own record, whose constructor has no parameter types for this.
  return new BoundedRecord(definition) as unknown as z.ZodRecord<z.ZodString, Value>
}

/**
 * `z.preprocess` with a step whose cost does not depend on the length of its input. The tests for schemas without a
 * maximum accept no other step before a bounded schema.
 */
export const constantStep = <Schema extends z.ZodType>(step: (given: unknown) => unknown, schema: Schema) => {
  const made = z.preprocess(step, schema)
  constantSteps.add(made._zod.def.in)
  return made
}

const constantSteps = new WeakSet<z.core.$ZodType>()

export const isConstantStep = (schema: z.core.$ZodType): boolean => constantSteps.has(schema)

/**
 * Returns a schema for a query parameter that may be sent once or several times, as an array of at most `max` items. An
 * absent one is undefined.
 */
export const boundedParameter = <Item extends z.ZodType>(item: Item, bounds: ListBounds) =>
  constantStep(
    (given) => (given === undefined || Array.isArray(given) ? given : [given]),
    boundedList(item, bounds).optional(),
  ).meta({ type: 'array' })

/** Longer than any number within our bounds, with a sign and an exponent. */
const NUMBER_CHARS = 32

/** Returns a schema for a query parameter that is a number: `numberParameter(z.int().min(1))`. */
export const numberParameter = <Value extends z.ZodNumber>(value: Value) =>
  constantStep(
    (given) => (typeof given === 'string' && given.length <= NUMBER_CHARS ? Number(given) : Number.NaN),
    value,
  )

/** Returns the maximum of a schema of this module. Used by the tests for schemas without one. */
export function maximumOf(schema: z.core.$ZodType): number | undefined {
  if (schema instanceof BoundedRecord) return schema._zod.def.maximum
  const [first] = schema._zod.def.checks ?? []
  if (!(first instanceof z.core.$ZodCheckMaxLength)) return undefined
  return first._zod.def.abort === true ? first._zod.def.maximum : undefined
}

interface BoundedRecordDefinition extends z.core.$ZodRecordDef {
  readonly maximum: number
}

interface BoundedRecord extends z.ZodRecord {
  _zod: z.core.$ZodRecordInternals & { def: BoundedRecordDefinition }
}

/** A class instead of an instance with a replaced method, because `describe`, `optional` and `extend` create copies. */
const ZodRecord: z.core.$constructor<z.ZodRecord> = z.ZodRecord

const BoundedRecord = z.core.$constructor<BoundedRecord, BoundedRecordDefinition>(
  'BoundedRecord',
  (inst, definition) => {
    ZodRecord.init(inst, definition)
    const { maximum } = definition
    const { parse, processJSONSchema } = inst._zod
    inst._zod.parse = (payload, context) => {
      if (!hasMoreMembers(payload.value, maximum)) return parse(payload, context)
      const message = `must have at most ${maximum} members`
      payload.issues.push({ code: 'custom', message, input: undefined, inst, continue: false })
      return payload
    }
    inst._zod.processJSONSchema = (context, json, parameters) => {
      processJSONSchema?.(context, json, parameters)
      json.maxProperties = maximum
    }
  },
)

/** Stops at the first member above the maximum; `Object.keys` would create an array of all names. */
function hasMoreMembers(value: unknown, maximum: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  let count = 0
  for (const name in value) if (Object.hasOwn(value, name) && ++count > maximum) return true
  return false
}
