import { and, type Column, eq, getTableColumns, gt, gte, inArray, lt, lte, type SQL, sql } from 'drizzle-orm'
import type { Database, Queryable } from '../core/client.ts'
import { emailSpellings } from '../core/email-address.ts'
import type { OrganizationId } from '../core/id.ts'
import { auditEvents } from '../schema/audit.ts'

const { hash: _hash, previousHash: _previousHash, sequence: _sequence, ...columns } = getTableColumns(auditEvents)

/** An event as it may be shown: without its position in the chain, which only the verification needs. */
export type AuditEventRow = Omit<typeof auditEvents.$inferSelect, 'hash' | 'previousHash' | 'sequence'>

/** A condition whose members must all hold. A null column is unequal to every value, and in no range. */
export interface AuditCondition<T> {
  readonly eq?: T | undefined
  readonly not?: T | undefined
  readonly in?: readonly T[] | undefined
  readonly notIn?: readonly T[] | undefined
  readonly gte?: T | undefined
  readonly lte?: T | undefined
  readonly gt?: T | undefined
  readonly lt?: T | undefined
}

/** The text members by which a trail can be searched. */
export const AUDIT_TEXTS = [
  ...(['id', 'actorId', 'actorEmail', 'actorApiKeyPrefix', 'actorApiKeySuffix'] as const),
  ...(['action', 'targetType', 'targetId'] as const),
] as const

export type AuditText = (typeof AUDIT_TEXTS)[number]

export type AuditFilter = { readonly [member in AuditText]?: AuditCondition<string> | undefined } & {
  readonly statusCode?: AuditCondition<number> | undefined
  /** Compared in milliseconds, which is the precision of responses. */
  readonly createdAt?: Pick<AuditCondition<Date>, 'gte' | 'lte' | 'gt' | 'lt'> | undefined
}

/** The end of a page: the instant in microseconds since the epoch, the precision of the database, and the id. */
export interface AuditPosition {
  readonly at: string
  readonly id: string
}

export interface AuditPage {
  readonly limit: number
  readonly after?: AuditPosition | undefined
  /** How many events after `after` to skip. Skipping costs as much as reading them. */
  readonly offset?: number
}

/** Whether a client's text can be the instant of a position: within the years 1970 to 9999. */
export const isAuditInstant = (text: string): boolean => /^\d{1,18}$/.test(text) && Number(text) < LAST_INSTANT

/** The end of the year 9999 in microseconds since the epoch. */
export const LAST_INSTANT = Date.UTC(9999, 11, 31) * 1000

/** Lists a page of an organization's events, newest first, and its end if there are further ones. */
export async function listAuditEvents(
  db: Queryable,
  organizationId: OrganizationId,
  filter: AuditFilter,
  { limit, after, offset = 0 }: AuditPage,
) {
  const rows = await db
    .select({ event: columns, at: sql<string>`(extract(epoch FROM ${auditEvents.createdAt}) * 1000000)::bigint::text` })
    .from(auditEvents)
    .where(and(eq(auditEvents.organizationId, organizationId), ...conditions(filter), after && behind(after)))
    .orderBy(sql`${auditEvents.createdAt} DESC`, sql`${auditEvents.id} DESC`)
    .limit(limit + 1)
    .offset(offset)
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    rows: page.map(({ event }): AuditEventRow => event),
    next: rows.length > limit && last ? { at: last.at, id: last.event.id } : null,
  }
}

/**
 * Counts events. Those of an organization are numbered, so that without a filter this is a subtraction. With a filter at
 * most `most` + 1 events are counted.
 */
export async function countAuditEvents(
  db: Queryable,
  organizationId: OrganizationId,
  filter: AuditFilter,
  most: number,
): Promise<number> {
  const filtered = conditions(filter)
  const [row] = await db.execute<{ total: string }>(
    filtered.length > 0
      ? sql`SELECT count(*) AS total FROM (
          SELECT FROM ${auditEvents} WHERE ${and(eq(auditEvents.organizationId, organizationId), ...filtered)}
          LIMIT ${most + 1}) AS found`
      : sql`SELECT head.sequence - coalesce(anchor.sequence - jsonb_array_length(anchor.kept), 0) AS total
          FROM audit_chain_heads head LEFT JOIN LATERAL (
            SELECT sequence, kept FROM audit_anchors WHERE organization_id = head.organization_id
            ORDER BY sequence DESC LIMIT 1
          ) anchor ON true WHERE head.organization_id = ${organizationId}`,
  )
  return Number(row?.total ?? 0)
}

/**
 * Runs reading statements with a `statement_timeout` of `ms`, so that the database ends a slow one, not only its caller.
 * @throws SQLSTATE 57014 (query_canceled)
 */
export function readWithTimeout<T>(db: Database, ms: number, read: (tx: Queryable) => Promise<T>): Promise<T> {
  return db.transaction(
    async (tx) => {
      await tx.execute(sql`SELECT set_config('statement_timeout', ${`${ms}ms`}, true)`)
      return read(tx)
    },
    { accessMode: 'read only' },
  )
}

function behind({ at, id }: AuditPosition): SQL {
  const instant = sql`('epoch'::timestamptz + ${at}::bigint * interval '1 microsecond')`
  // The first condition follows from the second, but a row comparison does not prune partitions.
  return sql`${auditEvents.createdAt} <= ${instant} AND (${auditEvents.createdAt}, ${auditEvents.id}) < (${instant}, ${id})`
}

function conditions({ statusCode, createdAt, ...texts }: AuditFilter): SQL[] {
  return [
    ...AUDIT_TEXTS.flatMap((member) =>
      member === 'actorEmail'
        ? emailConditions(texts.actorEmail)
        : conditionsOn<string>(auditEvents[member], texts[member]),
    ),
    ...conditionsOn<number>(auditEvents.statusCode, statusCode),
    ...conditionsOn<Date>(auditEvents.createdAt, byMillisecond(createdAt)),
  ]
}

/** An event has the spelling of the address that its account had at the time: each one is compared. */
function emailConditions({ eq: equal, not, in: among, notIn }: AuditCondition<string> = {}): SQL[] {
  return [
    ...conditionsOn<string>(auditEvents.actorEmail, {
      in: equal === undefined ? undefined : emailSpellings(equal),
      notIn: not === undefined ? undefined : emailSpellings(not),
    }),
    ...conditionsOn<string>(auditEvents.actorEmail, {
      in: among?.flatMap(emailSpellings),
      notIn: notIn?.flatMap(emailSpellings),
    }),
  ]
}

/** An event of 12:00:00.0005 is shown as 12:00:00.000, so a filter by that instant includes it. */
const byMillisecond = ({ gte: from, lte: to, gt: after, lt: before }: NonNullable<AuditFilter['createdAt']> = {}) => ({
  gte: latest(from, after && nextMillisecond(after)),
  lt: earliest(before, to && nextMillisecond(to)),
})

/** RFC 3339 cannot represent the millisecond after the last one of the year 9999. */
const nextMillisecond = (date: Date) => new Date(Math.min(date.getTime() + 1, LAST_MILLISECOND))

const LAST_MILLISECOND = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

const latest = (one?: Date, other?: Date) => (one && other ? (one > other ? one : other) : (one ?? other))
const earliest = (one?: Date, other?: Date) => (one && other ? (one < other ? one : other) : (one ?? other))

function conditionsOn<T>(column: Column, condition: AuditCondition<T> = {}): SQL[] {
  const { eq: equal, not, in: among, notIn, gte: from, lte: to, gt: above, lt: below } = condition
  return [
    equal !== undefined && eq(column, equal),
    not !== undefined && sql`${column} IS DISTINCT FROM ${sql.param(not, column)}`,
    among && inArray(column, [...among]),
    notIn && sql`(${column} IN ${notIn.map((value) => sql.param(value, column))}) IS NOT TRUE`,
    from !== undefined && gte(column, from),
    to !== undefined && lte(column, to),
    above !== undefined && gt(column, above),
    below !== undefined && lt(column, below),
  ].filter((sql) => sql !== false && sql !== undefined)
}
