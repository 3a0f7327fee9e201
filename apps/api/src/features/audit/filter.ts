import { AUDIT_TEXTS, type AuditFilter, type AuditText } from '@daytona-auth/db/audit'
import { normalizeEmail } from '@daytona-auth/db/core'
import { badRequest, boundedList, boundedParameter, boundedText, constantStep } from '@daytona-auth/service'
import * as z from 'zod'
import { GivenInstant } from '../../http/schemas.ts'

/** The maximum number of values of a list in a filter, as in the stock clients. */
const MAX_VALUES = 100
const MAX_CHARS = 512
/** The maximum length of a list in one parameter: a URL has little more. */
const MAX_LIST_CHARS = 8192

const Text = boundedText({ max: MAX_CHARS }).refine(
  (text) => text.isWellFormed() && !text.includes('\0'),
  'must be text',
)
const Status = boundedText({ max: MAX_CHARS })
  .regex(/^\d{1,3}$/, 'must be an HTTP status')
  .transform(Number)
const Moment = GivenInstant.transform((text) => new Date(text))

/** A parameter that is given once, several times, or separated by commas. */
const listOf = <S extends z.ZodType<unknown, string>>(item: S) =>
  boundedParameter(boundedText({ max: MAX_LIST_CHARS }), { max: MAX_VALUES })
    .transform((texts = []) => texts.flatMap((text) => text.split(',')))
    .pipe(boundedList(item, { max: MAX_VALUES }))

const equality = <S extends z.ZodType<unknown, string>>(item: S) => ({
  eq: item.optional(),
  not: item.optional(),
  in: listOf(item).optional(),
  notIn: listOf(item).optional(),
})
const range = <S extends z.ZodType>(item: S) => ({
  gte: item.optional(),
  lte: item.optional(),
  gt: item.optional(),
  lt: item.optional(),
})

const CONDITIONS = {
  status: z.strictObject({ ...equality(Status), ...range(Status) }),
  moment: z.strictObject(range(Moment)),
}

/** Documents a condition as the plain value that it usually is. `nestFilters` turns it into an object. */
const shownAs = <S extends z.ZodType>(condition: S, shown: z.core.GlobalMeta, description: string) =>
  constantStep((given) => given, condition.optional()).meta({ ...shown, description })

const textFilter = (what: string, item: z.ZodType<string, string> = Text) =>
  shownAs(
    z.strictObject(equality(item)),
    { type: 'string' },
    `${what}. Append [eq], [not], [in] or [notIn] to the name for other conditions`,
  )

/** Normalized as in accounts. */
const Email = Text.transform(normalizeEmail)

const textFilters: Record<AuditText, ReturnType<typeof textFilter>> = {
  id: textFilter('Id of the event'),
  actorId: textFilter('Id of the user who acted'),
  actorEmail: textFilter('E-mail address of the user who acted', Email),
  actorApiKeyPrefix: textFilter('Prefix of the API key that acted'),
  actorApiKeySuffix: textFilter('Suffix of the API key that acted'),
  action: textFilter('The action, such as `api_key.create`'),
  targetType: textFilter('The type of the target, such as `api_key`'),
  targetId: textFilter('Id of the target'),
}

export const AuditFilterQuery = z.object({
  from: Moment.optional().describe('The earliest instant'),
  to: Moment.optional().describe('The latest instant'),
  ...textFilters,
  statusCode: shownAs(
    CONDITIONS.status,
    { type: 'integer' },
    'HTTP status. Append [eq], [not], [in], [notIn], [gte], [lte], [gt] or [lt] to the name for other conditions',
  ),
  createdAt: constantStep((given) => given, CONDITIONS.moment.optional()).meta({
    type: 'string',
    format: 'date-time',
    description: 'Append [gte], [lte], [gt] or [lt] to the name',
  }),
})

/** Converts a query to the filter of the statements. @throws Denial 400 for `from` after `to` */
export function filterOf(query: z.output<typeof AuditFilterQuery>): AuditFilter {
  const { from, to, createdAt = {}, ...conditions } = query
  if (from && to && from > to) {
    const message = 'must not be after to'
    throw badRequest(`from: ${message}`, [{ path: 'from', message }])
  }
  return {
    ...conditions,
    createdAt: {
      ...createdAt,
      gte: laterOf(createdAt.gte, from),
      lte: earlierOf(createdAt.lte, to),
    },
  }
}

const laterOf = (one: Date | undefined, other: Date | undefined) => (one && other && one > other ? one : (other ?? one))
const earlierOf = (one: Date | undefined, other: Date | undefined) =>
  one && other && one < other ? one : (other ?? one)

const MEMBERS: ReadonlySet<string> = new Set([...AUDIT_TEXTS, 'statusCode', 'createdAt'])
const OPERATORS: ReadonlySet<string> = new Set(['eq', 'not', 'in', 'notIn', 'gte', 'lte', 'gt', 'lt'])
const NESTED = /^(\w+)\[(\w*)\]$/

/**
 * Converts `actorId[not]=x` to `{ actorId: { not: 'x' } }`, and `actorId=x` to `{ actorId: { eq: 'x' } }`.
 * @throws Denial 400 for an operator without a member. The stock TypeScript client sends conditions this way, so their
 * member is unknown. Ignoring one would return events that the filter was to exclude.
 */
export function nestFilters(query: unknown): Record<string, unknown> {
  const nested = new Map<string, unknown>()
  for (const [name, value] of Object.entries(query ?? {})) {
    if (OPERATORS.has(name)) throw missingMember(name)
    const [, member = name, operator] = NESTED.exec(name) ?? []
    if (!MEMBERS.has(member)) nested.set(name, value)
    else {
      const condition: unknown = nested.get(member)
      const plain = Array.isArray(value) ? 'in' : 'eq'
      nested.set(member, { ...(condition ?? {}), [operator ?? plain]: value })
    }
  }
  return Object.fromEntries(nested)
}

function missingMember(operator: string) {
  const message = `has no member to compare: write actorId[${operator}]=…, for example`
  return badRequest(`${operator}: ${message}`, [{ path: operator, message }])
}
