import {
  type ApiKeyRow,
  type Database,
  findApiKey,
  findLastUse,
  listUsage,
  listUsageTotals,
  type UsageSpan,
  type UserId,
} from '@daytona-auth/db'
import { badRequest } from '@daytona-auth/service'
import type * as z from 'zod'
import type { CallerInOrganization } from '../../caller.ts'
import { missingPermissions } from '../../missing-permissions.ts'
import { apiKeyNotFound, findOwn, isAdministrator, ownKeysOf } from '../../own-api-keys.ts'
import type { TotalsQuery, UsageQuery } from './schema.ts'

export interface UsageDependencies {
  readonly database: Database
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

const DAY_MS = 24 * 60 * 60 * 1000
const DEFAULT_DAYS = { hour: 1, day: 30 } as const
const MAX_DAYS = 366

/** What one key did in the organization of the request. It is found as the key itself is. */
export async function read(
  { database, now }: UsageDependencies,
  caller: CallerInOrganization,
  name: string,
  { userId, granularity, ...asked }: z.output<typeof UsageQuery>,
) {
  const span = spanOf(asked, DEFAULT_DAYS[granularity], now())
  const { organizationId } = caller.organization
  const row =
    userId === undefined || userId === caller.principal.userId
      ? await findOwn({ database }, caller, name)
      : await findOf(database, caller, userId, name)
  const [buckets, last] = await Promise.all([
    listUsage(database, organizationId, row.id, granularity, span),
    findLastUse(database, organizationId, row.id),
  ])
  return { buckets, last: { ...last, lastUsedIp: isAddressTold(caller, row) ? last.lastUsedIp : null } }
}

/** What each key did in the organization: for administrators everybody's, for the others theirs. */
export async function totals(
  { database, now }: UsageDependencies,
  caller: CallerInOrganization,
  asked: z.output<typeof TotalsQuery>,
) {
  const span = spanOf(asked, DEFAULT_DAYS.day, now())
  const only = isAdministrator(caller) ? {} : ownKeysOf(caller)
  const rows = await listUsageTotals(database, caller.organization.organizationId, span, only)
  return {
    ...span,
    allowed: sum(rows.map(({ allowed }) => allowed)),
    denied: sum(rows.map(({ denied }) => denied)),
    rows: rows.map((row) => ({ ...row, lastUsedIp: isAddressTold(caller, row) ? row.lastUsedIp : null })),
  }
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
const isAddressTold = (
  { principal, organization }: CallerInOrganization,
  { userId, organizationId }: Pick<ApiKeyRow, 'userId' | 'organizationId'>,
): boolean => userId === principal.userId || organizationId === organization.organizationId

function spanOf(asked: z.output<typeof TotalsQuery>, defaultDays: number, now: number): UsageSpan {
  const to = asked.to === undefined ? now : Date.parse(asked.to)
  const from = asked.from === undefined ? to - defaultDays * DAY_MS : Date.parse(asked.from)
  if (from >= to) throw invalid('must be before to')
  if (to - from > MAX_DAYS * DAY_MS) throw invalid(`must be ${MAX_DAYS} days before to at most`)
  return { from: new Date(from), to: new Date(to) }
}

const invalid = (message: string) => badRequest(`from: ${message}`, [{ path: 'from', message }])

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
