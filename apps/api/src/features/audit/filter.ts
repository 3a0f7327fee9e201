import { AUDIT_TEXTS, type AuditFilter, type AuditText, normalizeEmail } from '@daytona-auth/db'
import { badRequest, boundedList, boundedParameter, boundedText, constantStep } from '@daytona-auth/service'
import * as z from 'zod'
import { GivenInstant } from '../../http/schemas.ts'

/** Of a list in a filter, as the stock clients say. */
const MAX_VALUES = 100
const MAX_CHARS = 512
/** Of a list in one parameter: a URL has little more. */
const MAX_LIST_CHARS = 8192

const Text = boundedText({ max: MAX_CHARS }).refine(
  (text) => text.isWellFormed() && !text.includes('\0'),
  'must be text',
)
const Status = boundedText({ max: MAX_CHARS })
  .regex(/^\d{1,3}$/, 'must be an HTTP status')
  .transform(Number)
const Moment = GivenInstant.transform((text) => new Date(text))

/** Given once, several times, or separated by commas. */
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

/** Shown as the plain value that it mostly is; `nestFilters` has made an object of it. */
const shownAs = <S extends z.ZodType>(condition: S, shown: z.core.GlobalMeta, description: string) =>
  constantStep((given) => given, condition.optional()).meta({ ...shown, description })

const textFilter = (what: string, item: z.ZodType<string, string> = Text) =>
  shownAs(
    z.strictObject(equality(item)),
    { type: 'string' },
    `${what}. Also with [eq], [not], [in] or [notIn] behind the name`,
  )

/** Compared in the form in which accounts have it. */
const Email = Text.transform(normalizeEmail)

const textFilters: Record<AuditText, ReturnType<typeof textFilter>> = {
  id: textFilter('Id of the event'),
  actorId: textFilter('Id of the user who acted'),
  actorEmail: textFilter('E-mail address of the user who acted', Email),
  actorApiKeyPrefix: textFilter('Beginning of the API key that acted'),
  actorApiKeySuffix: textFilter('End of the API key that acted'),
  action: textFilter('Such as `api_key.create`'),
  targetType: textFilter('Such as `api_key`'),
  targetId: textFilter('Id of what was acted on'),
}

export const AuditFilterQuery = z.object({
  from: Moment.optional().describe('The earliest instant'),
  to: Moment.optional().describe('The latest instant'),
  ...textFilters,
  statusCode: shownAs(
    CONDITIONS.status,
    { type: 'integer' },
    'HTTP status. Also with [eq], [not], [in], [notIn], [gte], [lte], [gt] or [lt] behind the name',
  ),
  createdAt: constantStep((given) => given, CONDITIONS.moment.optional()).meta({
    type: 'string',
    format: 'date-time',
    description: 'With [gte], [lte], [gt] or [lt] behind the name',
  }),
})

/** What the query asks for, as the statements take it. @throws Refusal 400 for `from` after `to` */
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
      gte: last(createdAt.gte, from),
      lte: first(createdAt.lte, to),
    },
  }
}

const last = (one: Date | undefined, other: Date | undefined) => (one && other && one > other ? one : (other ?? one))
const first = (one: Date | undefined, other: Date | undefined) => (one && other && one < other ? one : (other ?? one))

const MEMBERS: ReadonlySet<string> = new Set([...AUDIT_TEXTS, 'statusCode', 'createdAt'])
const OPERATORS: ReadonlySet<string> = new Set(['eq', 'not', 'in', 'notIn', 'gte', 'lte', 'gt', 'lt'])
const NESTED = /^(\w+)\[(\w*)\]$/

/**
 * A query with `actorId[not]=x` as `{ actorId: { not: 'x' } }`, and `actorId=x` as `{ actorId: { eq: 'x' } }`.
 * @throws Refusal 400 for an operator that lost its member: the stock TypeScript client sends a condition so, and what
 * it means cannot be known. Everything would be found that was to be left out.
 */
export function nestFilters(query: unknown): Record<string, unknown> {
  const nested = new Map<string, unknown>()
  for (const [name, value] of Object.entries(query ?? {})) {
    if (OPERATORS.has(name)) throw lostMember(name)
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

function lostMember(operator: string) {
  const message = `says no member to compare: write actorId[${operator}]=…, for example`
  return badRequest(`${operator}: ${message}`, [{ path: operator, message }])
}
