import { and, eq, or, type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import type { Queryable } from '../core/client.ts'
import { type ApiKeyId, firstIdAt, type OrganizationId, type UserId } from '../core/id.ts'
import {
  byId,
  byMomentText,
  byText,
  type Keyset,
  type Page,
  type PageRequest,
  type Position,
  pageOfPositions,
} from '../core/keyset.ts'
import { apiKeyLastUses, apiKeyOrganizations, apiKeys } from '../schema/api-keys.ts'
import { users } from '../schema/users.ts'
import { type ApiKeyRow, apiKeyColumns, isActive, withDates } from './queries.ts'

export interface ApiKeySearch {
  /** Only keys of this user. */
  readonly userId?: UserId | undefined
  /** Only this key, of those that the caller may see. */
  readonly keyId?: ApiKeyId | undefined
  /** Only the key of this id. Any text may be looked up. */
  readonly id?: string | undefined
  readonly status: ApiKeySearchStatus
  /** Only keys with at least one of these permissions. */
  readonly permissions?: readonly string[] | undefined
  /** Only keys that match every one of these words. */
  readonly words?: readonly ApiKeyWord[] | undefined
}

/** `expiring` and `unused` are active keys: see `EXPIRING_DAYS` and `UNUSED_DAYS`. */
export type ApiKeySearchStatus = 'active' | 'expiring' | 'unused' | 'expired' | 'revoked' | 'all'

/** A key is expiring if it expires within this number of days. */
export const EXPIRING_DAYS = 7
/** A key is unused if it was created and last used longer ago than this number of days. */
export const UNUSED_DAYS = 90

const DAY_MS = 24 * 60 * 60 * 1000

/** A word of a search. It matches the name, the owner's name or address, or one of the members. */
export interface ApiKeyWord {
  readonly text: string
  /** The permissions that the word may stand for. */
  readonly permissions: readonly string[]
  /** The visible characters that the word may stand for: `start` of the masked secret, if given, and its last four. */
  readonly hint?: { readonly start?: string | undefined; readonly end: string } | undefined
}

export const API_KEY_SORTS = ['createdAt', 'name', 'expiresAt', 'lastUsedAt'] as const

/** `createdAt` is the order of ids. Keys without expiry are last by `expiresAt`, unused keys first by `lastUsedAt`. */
export interface ApiKeyOrder {
  readonly by: (typeof API_KEY_SORTS)[number]
  readonly direction: 'asc' | 'desc'
}

/** The value of a position: a lower-case name, microseconds since the epoch, or null for the order of ids. */
export type ApiKeyPosition = string | null

/**
 * Lists a page of the keys that act or acted in an organization. Active keys are indexed by id, name, expiry and last use.
 * Searches that match few keys read all keys of the status: of active ones, in the order of ids, only their index, 0.5 µs a key.
 */
export async function searchApiKeys(
  db: Queryable,
  organizationId: OrganizationId,
  search: ApiKeySearch,
  order: ApiKeyOrder,
  { limit, after }: PageRequest<ApiKeyPosition>,
): Promise<Page<ApiKeyRow, ApiKeyPosition>> {
  const { orderBy, behind, value } = keysetOf(order, search.status, after)
  const read = db
    .select({ row: apiKeyColumns, value })
    .from(apiKeyOrganizations)
    .innerJoin(apiKeys, eq(apiKeys.id, apiKeyOrganizations.keyId))
    .$dynamic()
  const isByLastUse = order.by === 'lastUsedAt' && isOfActiveKeys(search.status)
  if (isByLastUse) read.innerJoin(apiKeyLastUses, isLastUseOfKey)
  const isOfPage =
    search.status === 'unused' && !isByLastUse
      ? isAmong(sql`${matches(organizationId, search, READ_EACH)} AND ${behind ?? sql`true`}`, orderBy, limit + 1)
      : matches(organizationId, search)
  const rows = await read
    .where(and(eq(apiKeyOrganizations.organizationId, organizationId), isOfPage, behind))
    .orderBy(orderBy)
    .limit(limit + 1)
  return pageOfPositions(
    rows.map(({ row, value }) => ({ row: withDates(row), value })),
    limit,
  )
}

/**
 * The first keys that match a condition on `api_key_organizations`, read before the tables that are joined with it. Joined at
 * once, the planner may walk through the keys of all organizations in the order of their ids.
 */
const isAmong = (condition: SQL, orderBy: SQL, count: number): SQL =>
  sql`${keyId} = ANY (ARRAY(SELECT ${keyId} FROM api_key_organizations WHERE ${condition} ORDER BY ${orderBy} LIMIT ${count}))`

/** The numbers of active keys in an organization, and of those that need attention. */
export interface ApiKeyCounts {
  readonly active: number
  readonly expiring: number
  readonly unused: number
  /** With `admin:organization`. */
  readonly administration: number
}

/**
 * Counts the active keys of an organization, each up to `most`. Each count is ordered as an index that begins with the
 * organization. Otherwise the planner reads the keys of all organizations if it expects enough of this one among the first.
 */
export async function countApiKeys(
  db: Queryable,
  organizationId: OrganizationId,
  whose: Pick<ApiKeySearch, 'userId' | 'keyId'>,
  most: number,
): Promise<ApiKeyCounts> {
  const countOf = (search: Pick<ApiKeySearch, 'status' | 'permissions'>, read: SQL, orderBy: SQL) => sql`(
    SELECT count(*)::int FROM (
      SELECT FROM ${read} WHERE ${matches(organizationId, { ...whose, ...search })}
      ORDER BY ${orderBy} LIMIT ${most}
    ) counted)`
  const keys = sql`api_key_organizations`
  const keysWithLastUse = sql`api_key_organizations JOIN api_keys ON ${apiKeys.id} = ${keyId}
    JOIN api_key_last_uses ON ${isLastUseOfKey}`
  const [row] = await db.execute<{ [name in keyof ApiKeyCounts]: number }>(sql`
    SELECT ${countOf({ status: 'active' }, keys, expiry)} AS active,
      ${countOf({ status: 'expiring' }, keys, expiry)} AS expiring,
      ${countOf({ status: 'unused' }, keysWithLastUse, JOINED.lastUse)} AS unused,
      ${countOf({ status: 'active', permissions: ['admin:organization'] }, keys, sql`${keyId}`)} AS administration`)
  return row ?? { active: 0, expiring: 0, unused: 0, administration: 0 }
}

const { keyId, expiresAt, permissions } = apiKeyOrganizations

/** Never null, so that positions can be compared. Written as in its index. */
const expiry = sql`coalesce(${expiresAt}, 'infinity')`

const isLastUseOfKey = sql`${apiKeyLastUses.keyId} = ${keyId}
  AND ${apiKeyLastUses.organizationId} = ${apiKeyOrganizations.organizationId}`

/** The last use and the creation of a key: columns of joined tables, or read for each key. */
interface KeyTimes {
  readonly lastUse: SQL
  readonly creation: SQL
}

const JOINED: KeyTimes = { lastUse: sql`${apiKeyLastUses.lastUsedAt}`, creation: sql`${apiKeys.createdAt}` }
const READ_EACH: KeyTimes = {
  lastUse: sql`(SELECT last_use.last_used_at FROM api_key_last_uses last_use
    WHERE last_use.key_id = ${keyId} AND last_use.organization_id = ${apiKeyOrganizations.organizationId})`,
  creation: sql`(SELECT created.created_at FROM api_keys created WHERE created.id = ${keyId})`,
}

/** Of keys in any status: ended ones have no row of `apiKeyLastUses`. */
const lastUseOfSecrets = sql`coalesce((SELECT max(last_used_at) FROM api_key_secrets WHERE key_id = ${keyId}), '-infinity')`

const isOfActiveKeys = (status: ApiKeySearchStatus): boolean =>
  status === 'active' || status === 'expiring' || status === 'unused'

function keysetOf(
  { by, direction }: ApiKeyOrder,
  status: ApiKeySearchStatus,
  after: Position<ApiKeyPosition> | undefined,
): Keyset<ApiKeyPosition> {
  if (by === 'createdAt') return byId(keyId, direction, after && { id: after.id, value: null })
  const position = after && { id: after.id, value: after.value ?? '' }
  if (by === 'name') return byText(sql`lower(${apiKeyOrganizations.name})`, keyId, direction, position)
  if (by === 'expiresAt') return byMomentText(expiry, keyId, direction, position)
  if (!isOfActiveKeys(status)) return byMomentText(lastUseOfSecrets, keyId, direction, position)
  return byMomentText(apiKeyLastUses.lastUsedAt, apiKeyLastUses.keyId, direction, position)
}

function matches(organizationId: OrganizationId, search: ApiKeySearch, times = JOINED): SQL | undefined {
  return and(
    eq(apiKeyOrganizations.organizationId, organizationId),
    search.userId && eq(apiKeyOrganizations.userId, search.userId),
    search.keyId && eq(keyId, search.keyId),
    search.id === undefined ? undefined : sql`${keyId} = ${search.id}`,
    hasStatus(search.status, times),
    search.permissions && hasOneOf(search.permissions),
    ...(search.words ?? []).map((word) => matchesWord(organizationId, word)),
  )
}

/** The condition for an active key by the copied columns. `isActive` is the same for those of the key. */
const isListedActive = sql`${apiKeyOrganizations.active} AND ${expiry} > now()`

function hasStatus(status: ApiKeySearchStatus, { lastUse, creation }: KeyTimes): SQL | undefined {
  switch (status) {
    case 'active':
      return isListedActive
    case 'expiring':
      return sql`${isListedActive} AND ${expiry} <= now() + make_interval(days => ${EXPIRING_DAYS})`
    case 'unused':
      // The id leaves out newer keys by the index, with a day more for clocks that differ; the instants decide.
      return sql`${isListedActive} AND ${lastUse} < now() - make_interval(days => ${UNUSED_DAYS})
        AND ${creation} < now() - make_interval(days => ${UNUSED_DAYS})
        AND ${keyId} < ${firstIdAt('key', new Date(Date.now() - (UNUSED_DAYS - 1) * DAY_MS))}`
    case 'expired':
      return sql`${apiKeys.status} <> 'revoked' AND NOT ${isActive}`
    case 'revoked':
      return eq(apiKeys.status, 'revoked')
    case 'all':
      return undefined
  }
}

const hasOneOf = (names: readonly string[]): SQL =>
  names.length === 1 && names[0] === 'admin:organization'
    ? sql`${permissions} @> ARRAY['admin:organization']` // as in its index
    : sql`${permissions} && ARRAY[${sql.join(
        names.map((name) => sql`${name}`),
        sql`, `,
      )}]::text[]`

function matchesWord(organizationId: OrganizationId, { text, permissions, hint }: ApiKeyWord): SQL | undefined {
  const contains = (column: SQLWrapper) => sql`position(lower(${text}) IN lower(${column})) > 0`
  // Each list is read once, not for every key.
  const owners = sql`ARRAY(
    SELECT member.user_id FROM organization_members member JOIN users ON users.id = member.user_id
    WHERE member.organization_id = ${organizationId} AND (${contains(users.name)} OR ${contains(users.email)}))`
  return or(
    contains(apiKeyOrganizations.name),
    sql`${apiKeyOrganizations.userId} = ANY (${owners})`,
    permissions.length > 0 ? hasOneOf(permissions) : undefined,
    hint &&
      sql`${keyId} = ANY (ARRAY(
      SELECT key_id FROM api_key_secrets WHERE right(hint, 4) = ${hint.end} AND starts_with(hint, ${hint.start ?? ''})
        AND (expires_at IS NULL OR expires_at > now())))`,
  )
}
