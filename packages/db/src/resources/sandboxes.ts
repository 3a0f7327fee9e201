import { and, type Column, eq, gt, gte, inArray, lt, lte, type SQL, sql } from 'drizzle-orm'
import type { AuditedTx } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import type { OrganizationId } from '../core/id.ts'
import { microseconds, momentOf, pageOf } from '../core/keyset.ts'
import { sandboxes } from '../schema/resources.ts'
import { hasIdOrName } from './records.ts'

export type SandboxRow = typeof sandboxes.$inferSelect

export type NewSandbox = Omit<typeof sandboxes.$inferInsert, 'organizationId'>

/**
 * The sort orders of a list: the expression, the text of its value in a cursor, and the reverse. An instant is in
 * microseconds, the precision of the database: otherwise a page could repeat the last row of the previous one.
 */
const SORTS = {
  createdAt: moment(sandboxes.createdAt),
  lastActivityAt: moment(sandboxes.updatedAt),
  name: { by: sql`${sandboxes.name}`, position: sql`${sandboxes.name}`, from: text, shape: /^[^\0]+$/u },
  cpu: number(setting('cpu')),
  memoryGib: number(setting('memory')),
  diskGib: number(setting('disk')),
} as const

export type SandboxSort = keyof typeof SORTS

export const SANDBOX_SORTS: readonly SandboxSort[] = Object.freeze(Object.keys(SORTS) as SandboxSort[]) // exactly its keys

/** Whether the text in a cursor can be a value of that sort order: a client may send anything. */
export const isSandboxPosition = (sort: SandboxSort, value: string): boolean => SORTS[sort].shape.test(value)

function moment(column: Column) {
  return {
    by: sql`${column}`,
    position: microseconds(column),
    from: momentOf,
    shape: /^\d{1,16}$/,
  }
}

function number(by: SQL) {
  return { by, position: by, from: (value: string) => sql`${value}::float8`, shape: /^-?\d{1,12}(\.\d{1,12})?$/ }
}

function text(value: string): SQL {
  return sql`${value}::text`
}

/** A number in the settings; every record has it, with the default at its creation. */
function setting(name: 'cpu' | 'gpu' | 'memory' | 'disk'): SQL {
  return sql`(${sandboxes.settings}->>${sql.raw(`'${name}'`)})::float8`
}

export interface SandboxFilter {
  /** The start of the id or name, case-insensitive. */
  readonly idPrefix?: string | undefined
  readonly namePrefix?: string | undefined
  /** All of these labels. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly states?: readonly string[] | undefined
  readonly snapshots?: readonly string[] | undefined
  readonly targets?: readonly string[] | undefined
  readonly isPublic?: boolean | undefined
  readonly isRecoverable?: boolean | undefined
  readonly createdAfter?: Date | undefined
  readonly createdBefore?: Date | undefined
  readonly updatedAfter?: Date | undefined
  readonly updatedBefore?: Date | undefined
  readonly atLeast?: Partial<Record<'cpu' | 'gpu' | 'memory' | 'disk', number>> | undefined
  readonly atMost?: Partial<Record<'cpu' | 'gpu' | 'memory' | 'disk', number>> | undefined
}

export interface SandboxPage {
  readonly sort: SandboxSort
  readonly order: 'asc' | 'desc'
  readonly limit: number
  /** The end of the previous page: the sorted value as text, and the id. */
  readonly after?: { readonly value: string; readonly id: string } | undefined
}

/** Inserts a record. `undefined` if the organization has one of that name already: the index decides. */
export async function insertSandbox(
  tx: AuditedTx,
  organizationId: OrganizationId,
  sandbox: NewSandbox,
): Promise<SandboxRow | undefined> {
  const [row] = await tx
    .insert(sandboxes)
    .values({ ...sandbox, organizationId })
    .onConflictDoNothing()
    .returning()
  return row
}

export async function findSandbox(
  db: Queryable,
  organizationId: OrganizationId,
  idOrName: string,
): Promise<SandboxRow | undefined> {
  const [row] = await db
    .select()
    .from(sandboxes)
    .where(hasIdOrName(sandboxes, 'sbx', organizationId, idOrName))
  return row
}

/** Changes a record and returns the changed row; `undefined` if there is none. */
export async function updateSandbox(
  tx: AuditedTx,
  organizationId: OrganizationId,
  idOrName: string,
  change: Partial<Pick<SandboxRow, 'labels' | 'state' | 'errorReason' | 'recoverable'>>,
): Promise<SandboxRow | undefined> {
  const [row] = await tx
    .update(sandboxes)
    .set({ ...change, updatedAt: sql`now()` })
    .where(hasIdOrName(sandboxes, 'sbx', organizationId, idOrName))
    .returning()
  return row
}

/** Deletes a record and returns the deleted row; `undefined` if there is none. */
export async function deleteSandbox(
  tx: AuditedTx,
  organizationId: OrganizationId,
  idOrName: string,
): Promise<SandboxRow | undefined> {
  const [row] = await tx
    .delete(sandboxes)
    .where(hasIdOrName(sandboxes, 'sbx', organizationId, idOrName))
    .returning()
  return row
}

/** Lists a page of the organization's records, and its end if there are further ones (keyset pagination). */
export async function listSandboxes(
  db: Queryable,
  organizationId: OrganizationId,
  filter: SandboxFilter,
  { sort, order, limit, after }: SandboxPage,
) {
  const { by, position, from } = SORTS[sort]
  const direction = sql.raw(order)
  const behind =
    after && sql`(${by}, ${sandboxes.id}) ${sql.raw(order === 'asc' ? '>' : '<')} (${from(after.value)}, ${after.id})`
  const rows = await db
    .select({ sandbox: sandboxes, position: sql<string>`(${position})::text` })
    .from(sandboxes)
    .where(and(eq(sandboxes.organizationId, organizationId), ...conditions(filter), behind))
    .orderBy(sql`${by} ${direction}`, sql`${sandboxes.id} ${direction}`)
    .limit(limit + 1)
  const page = pageOf(rows, limit, (row) => ({ value: row.position, id: row.sandbox.id }))
  return { ...page, rows: page.rows.map((row) => row.sandbox) }
}

function conditions(filter: SandboxFilter): (SQL | undefined)[] {
  return [
    filter.idPrefix === undefined ? undefined : sql`starts_with(lower(${sandboxes.id}), lower(${filter.idPrefix}))`,
    filter.namePrefix === undefined
      ? undefined
      : sql`starts_with(lower(${sandboxes.name}), lower(${filter.namePrefix}))`,
    filter.labels && sql`${sandboxes.labels} @> ${JSON.stringify(filter.labels)}::jsonb`,
    filter.states && inArray(sandboxes.state, [...filter.states]),
    filter.snapshots && inArray(sandboxes.snapshot, [...filter.snapshots]),
    filter.targets && inArray(sql`${sandboxes.settings}->>'target'`, [...filter.targets]),
    filter.isPublic === undefined ? undefined : sql`(${sandboxes.settings}->>'public')::boolean = ${filter.isPublic}`,
    filter.isRecoverable === undefined ? undefined : eq(sandboxes.recoverable, filter.isRecoverable),
    filter.createdAfter && gt(sandboxes.createdAt, filter.createdAfter),
    filter.createdBefore && lt(sandboxes.createdAt, filter.createdBefore),
    filter.updatedAfter && gt(sandboxes.updatedAt, filter.updatedAfter),
    filter.updatedBefore && lt(sandboxes.updatedAt, filter.updatedBefore),
    ...bounds(filter.atLeast, gte),
    ...bounds(filter.atMost, lte),
  ]
}

const bounds = (limits: SandboxFilter['atLeast'], compare: typeof gte): SQL[] =>
  (['cpu', 'gpu', 'memory', 'disk'] as const).flatMap((name) => {
    const limit = limits?.[name]
    return limit === undefined ? [] : [compare(setting(name), limit)]
  })
