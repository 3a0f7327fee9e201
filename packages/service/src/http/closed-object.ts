import * as z from 'zod'

/** The maximum of reported members: a body can have a hundred thousand. */
const MAX_REPORTED = 20

/** The form of our member names. Others are not repeated, so that neither a response nor a log line echoes long input. */
const PLAIN_NAME = /^[A-Za-z][\w-]{0,39}$/

/**
 * Returns a schema for an object that refuses members outside `shape` and suggests a similar known name. If a misspelt
 * `expires_at` were ignored, the key would never expire.
 */
export const closedObject = <Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> =>
  // The class extends zod's object; `$strict` is zod's term for refusing unknown members.
  new ClosedObject({ type: 'object', shape }) as unknown as z.ZodObject<Shape, z.core.$strict>

const ZodObject: z.core.$constructor<z.ZodObject> = z.ZodObject

const ClosedObject = z.core.$constructor<z.ZodObject, z.core.$ZodObjectDef>('ClosedObject', (inst, definition) => {
  ZodObject.init(inst, definition)
  const { parse, processJSONSchema } = inst._zod
  inst._zod.parse = (payload, context) => {
    const unknown = unknownMembers(payload.value, inst._zod.def.shape)
    if (unknown.length === 0) return parse(payload, context)
    for (const message of unknown) {
      payload.issues.push({ code: 'custom', message, input: undefined, inst, continue: false })
    }
    return payload
  }
  inst._zod.processJSONSchema = (context, json, parameters) => {
    processJSONSchema?.(context, json, parameters)
    json.additionalProperties = false
  }
})

/** Returns one message for each unknown member, up to `MAX_REPORTED`. */
function unknownMembers(value: unknown, shape: z.core.$ZodShape): string[] {
  const messages: string[] = []
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return messages
  for (const name in value) {
    if (Object.hasOwn(shape, name)) continue
    messages.push(messageOf(name, Object.keys(shape)))
    if (messages.length === MAX_REPORTED) break
  }
  return messages
}

function messageOf(name: string, known: readonly string[]): string {
  if (!PLAIN_NAME.test(name)) return 'unknown member'
  const meant = known.find((one) => plain(one) === plain(name)) ?? known.find((one) => isOneEditAway(one, name))
  return meant === undefined ? `unknown member ${name}` : `unknown member ${name}; did you mean ${meant}?`
}

const plain = (name: string): string => name.toLowerCase().replaceAll(/[-_]/g, '')

/** Whether the names differ in one replaced, inserted or missing character, ignoring case. */
function isOneEditAway(one: string, other: string): boolean {
  const [short, long] = [plain(one), plain(other)].sort((a, b) => a.length - b.length) as [string, string]
  if (short.length < 3 || long.length - short.length > 1) return false
  let at = 0
  while (at < short.length && short[at] === long[at]) at++
  return short.slice(short.length === long.length ? at + 1 : at) === long.slice(at + 1)
}
