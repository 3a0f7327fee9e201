import { insufficientScope } from '@daytona-auth/auth'
import {
  type ApiKeyRow,
  findApiKey,
  findLastUse,
  listUsage,
  listUsageTotals,
  type UsageSpan,
  type UsageTotals,
} from '@daytona-auth/db/api-keys'
import type { Database, PageRequest, UserId } from '@daytona-auth/db/core'
import { badRequest } from '@daytona-auth/service'
import type * as z from 'zod'
import type { CallerInOrganization } from '../../http/caller.ts'
import {
  type ApiKeyReader,
  apiKeyNotFound,
  findOwnApiKey,
  isAddressShown,
  isAdministrator,
  ownKeysOf,
} from '../api-keys/own-api-keys.ts'
import type { TotalsQuery, UsageQuery } from './schema.ts'

export interface UsageDependencies {
  readonly database: Database
  /** The retention of hourly usage, and of all usage. */
  readonly hoursRetentionMs: number
  readonly retentionMs: number
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

const DAY_MS = 24 * 60 * 60 * 1000
const DEFAULT_DAYS = { hour: 1, day: 30 } as const
const MAX_DAYS = 366

/** Reads the usage of a key in the organization of the request. Access is that to the key itself. */
export async function readKeyUsage(
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
      ? await findOwnApiKey({ database }, caller, name)
      : await findApiKeyOfUser(database, caller, userId, name)
  const [buckets, last] = await Promise.all([
    listUsage(database, organizationId, row.id, granularity, span),
    findLastUse(database, organizationId, row.id),
  ])
  // Some hours were rolled up while the retention was shorter.
  if (granularity === 'hour' && buckets.some((bucket) => bucket.isRolledUp)) throw hoursNotKept(dependencies)
  const isShown = isAddressShown(readerOf(caller), row)
  return { buckets, last: isShown ? last : { ...last, lastUsedIp: null, lastUsedRoute: null } }
}

/** Reads usage sums and a page of the keys: all keys for administrators, their own for other callers. */
export async function readUsageTotals(
  dependencies: UsageDependencies,
  caller: CallerInOrganization,
  asked: GivenSpan,
  page: PageRequest<number>,
): Promise<UsageTotals & UsageSpan> {
  const { database } = dependencies
  const { isExact, ...span } = spanOf(dependencies, asked, DEFAULT_DAYS.day)
  const only = isAdministrator(caller) ? {} : ownKeysOf(caller)
  const found = await listUsageTotals(database, caller.organization.organizationId, span, only, page)
  const reader = readerOf(caller)
  const rows = found.rows.map((row) => ({ ...row, lastUsedIp: isAddressShown(reader, row) ? row.lastUsedIp : null }))
  return { ...found, ...span, rows }
}

/** Finds a user's key. @throws Denial 403 for another user's key, unless the caller is an administrator */
async function findApiKeyOfUser(
  database: Database,
  caller: CallerInOrganization,
  userId: string,
  name: string,
): Promise<ApiKeyRow> {
  if (!isAdministrator(caller)) throw insufficientScope('admin:organization')
  const row = await findApiKey(database, caller.organization.organizationId, userId as UserId, name) // any text may be looked up
  if (!row) throw apiKeyNotFound()
  return row
}

const readerOf = ({ principal, organization }: CallerInOrganization): ApiKeyReader => ({
  userId: principal.userId,
  organizationId: organization.organizationId,
})

type GivenSpan = Pick<z.output<typeof TotalsQuery>, 'from' | 'to'>

/**
 * Computes the span to read. Bounds older than the kept hours are widened to whole days, so that the result is the same
 * before and after the roll-up. `isExact`: the beginning was not widened.
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
