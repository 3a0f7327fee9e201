import {
  type ApiKeyRow,
  type Database,
  findApiKey,
  findLastUse,
  listUsage,
  listUsageTotals,
  type PageRequest,
  type UsageSpan,
  type UsageTotals,
  type UserId,
} from '@daytona-auth/db'
import { badRequest } from '@daytona-auth/service'
import type * as z from 'zod'
import type { CallerInOrganization } from '../../http/caller.ts'
import { missingPermissions } from '../../http/missing-permissions.ts'
import { apiKeyNotFound, findOwn, isAdministrator, ownKeysOf } from '../api-keys/own-api-keys.ts'
import type { TotalsQuery, UsageQuery } from './schema.ts'

export interface UsageDependencies {
  readonly database: Database
  /** How long usage is kept by the hour, and at all. */
  readonly hoursRetentionMs: number
  readonly retentionMs: number
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

const DAY_MS = 24 * 60 * 60 * 1000
const DEFAULT_DAYS = { hour: 1, day: 30 } as const
const MAX_DAYS = 366

/** What one key did in the organization of the request. It is found as the key itself is. */
export async function read(
  dependencies: UsageDependencies,
  caller: CallerInOrganization,
  name: string,
  { userId, ...asked }: z.output<typeof UsageQuery>,
) {
  const { database } = dependencies
  const { isExact, ...span } = spanOf(dependencies, asked, DEFAULT_DAYS[asked.granularity ?? 'hour'])
  const granularity = asked.granularity ?? (isExact ? 'hour' : 'day')
  if (granularity === 'hour' && !isExact) throw hoursNotKept(dependencies)
  const { organizationId } = caller.organization
  const row =
    userId === undefined || userId === caller.principal.userId
      ? await findOwn({ database }, caller, name)
      : await findOf(database, caller, userId, name)
  const [buckets, last] = await Promise.all([
    listUsage(database, organizationId, row.id, granularity, span),
    findLastUse(database, organizationId, row.id),
  ])
  // Where the hours were kept for a shorter time than now.
  if (granularity === 'hour' && buckets.some((bucket) => bucket.isRolledUp)) throw hoursNotKept(dependencies)
  return { buckets, last: { ...last, lastUsedIp: isAddressShown(caller, row) ? last.lastUsedIp : null } }
}

/** Sums of what keys did in the organization, and a page of the keys: all for administrators, for the others their own. */
export async function totals(
  dependencies: UsageDependencies,
  caller: CallerInOrganization,
  asked: GivenSpan,
  page: PageRequest<number>,
): Promise<UsageTotals & UsageSpan> {
  const { database } = dependencies
  const { isExact, ...span } = spanOf(dependencies, asked, DEFAULT_DAYS.day)
  const only = isAdministrator(caller) ? {} : ownKeysOf(caller)
  const found = await listUsageTotals(database, caller.organization.organizationId, span, only, page)
  const rows = found.rows.map((row) => ({ ...row, lastUsedIp: isAddressShown(caller, row) ? row.lastUsedIp : null }))
  return { ...found, ...span, rows }
}

/** @throws Refusal 403 for another user's key, unless the caller administers the organization. */
async function findOf(
  database: Database,
  caller: CallerInOrganization,
  userId: string,
  name: string,
): Promise<ApiKeyRow> {
  if (!isAdministrator(caller)) throw missingPermissions(['admin:organization'])
  const row = await findApiKey(database, caller.organization.organizationId, userId as UserId, name) // any text may be asked for
  if (!row) throw apiKeyNotFound()
  return row
}

/** Where a key from elsewhere was last used may be another organization's affair. */
const isAddressShown = (
  { principal, organization }: CallerInOrganization,
  { userId, organizationId }: Pick<ApiKeyRow, 'userId' | 'organizationId'>,
): boolean => userId === principal.userId || organizationId === organization.organizationId

type GivenSpan = Pick<z.output<typeof TotalsQuery>, 'from' | 'to'>

/**
 * The span to read. An end in the time whose hours may be rolled up is moved to the end of its day, and a beginning to the
 * beginning, so that the answer is the same before and after the roll-up; `isExact` tells that the beginning was not.
 */
function spanOf(
  { now, hoursRetentionMs, retentionMs }: UsageDependencies,
  asked: GivenSpan,
  defaultDays: number,
): UsageSpan & { readonly isExact: boolean } {
  const present = now()
  const to = asked.to === undefined ? present : Date.parse(asked.to)
  const from = asked.from === undefined ? to - defaultDays * DAY_MS : Date.parse(asked.from)
  if (from >= to) throw invalid('must be before to')
  if (to - from > MAX_DAYS * DAY_MS) throw invalid(`must be ${MAX_DAYS} days before to at most`)
  if (from < present - retentionMs) throw invalid(`must be within the ${daysIn(retentionMs)} days that usage is kept`)
  const hoursFrom = present - hoursRetentionMs
  const isExact = from >= hoursFrom
  return {
    from: new Date(isExact ? from : Math.floor(from / DAY_MS) * DAY_MS),
    to: new Date(to >= hoursFrom ? to : Math.ceil(to / DAY_MS) * DAY_MS),
    isExact,
  }
}

const hoursNotKept = ({ hoursRetentionMs }: UsageDependencies) =>
  invalid(`must be within the ${daysIn(hoursRetentionMs)} days that hours are kept; use granularity=day`)

const daysIn = (ms: number): number => Math.floor(ms / DAY_MS)

const invalid = (message: string) => badRequest(`from: ${message}`, [{ path: 'from', message }])
