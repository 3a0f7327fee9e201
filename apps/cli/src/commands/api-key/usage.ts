import type { UsageBucket, UsageTotal } from '@daytona-auth/sdk'
import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { UsageError } from '../../failure.ts'
import { instantCell, type View } from '../../view.ts'
import { findUserId } from '../member/find-member.ts'
import { type NameOfUser, readMemberNames } from '../member/member-names.ts'

export interface UsageOptions {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly granularity?: 'hour' | 'day' | undefined
  /** Id or e-mail address of the owner. */
  readonly user?: string | undefined
}

const BUCKETS: View<UsageBucket> = {
  columns: [
    ['Start', ({ start }) => instantCell(start)],
    ['Allowed', ({ allowed }) => allowed],
    ['Denied', ({ denied }) => denied],
    ['Reasons', ({ deniedBy }) => deniedBy.map(({ reason, count }) => `${count} ${reason}`), { omit: 1 }],
  ],
  value: ({ allowed }) => String(allowed),
}

const createTotalsView = (nameOfUser: NameOfUser): View<UsageTotal> => ({
  columns: [
    ['Name', ({ name }) => name],
    ['Status', ({ status }) => status],
    ['Allowed', ({ allowed }) => allowed],
    ['Denied', ({ denied }) => denied],
    ['Last used', ({ lastUsedAt }) => instantCell(lastUsedAt, 'never')],
    ['From', ({ lastUsedIp }) => lastUsedIp, { omit: 2 }],
    ['Owner', ({ userId }) => nameOfUser(userId), { omit: 1 }],
  ],
  value: ({ name }) => name,
})

export async function showUsage(
  context: CommandContext,
  name: string | undefined,
  options: UsageOptions,
): Promise<void> {
  const { from, to, granularity, user } = options
  const span = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) }
  if (name !== undefined) {
    const unit = granularity !== undefined && { granularity }
    return showKeyUsage(context, name, { ...span, ...unit }, user)
  }
  if (granularity !== undefined || user !== undefined) {
    throw new UsageError('--granularity and --user need the name of a key.')
  }
  return showTotals(context, span)
}

async function showKeyUsage(
  context: CommandContext,
  name: string,
  query: Readonly<Record<string, string>>,
  user: string | undefined,
) {
  const usage = await withApi(context, async (api) => {
    const owner = user === undefined ? {} : { userId: await findUserId(api, user) }
    return api.client.apiKeys.usage(name, { ...query, ...owner })
  })
  await context.output.list(usage.buckets, BUCKETS, 'There were no requests in this period.', usage)
  const { lastUsedAt, lastUsedIp, lastUsedRoute } = usage
  const route = lastUsedRoute === null ? '' : `, ${lastUsedRoute}`
  context.output.note(
    lastUsedAt === null ? 'Never used.' : `Last used ${lastUsedAt} from ${lastUsedIp ?? '?'}${route}.`,
  )
}

async function showTotals(context: CommandContext, span: Record<string, string>) {
  const { totals, nameOfUser } = await withApi(context, async (api) => {
    const totals = api.client.organizations.apiKeyUsage(await api.organizationId(), span)
    const [read, nameOfUser] = await Promise.all([totals, readMemberNames(api)])
    return { totals: read, nameOfUser }
  })
  await context.output.list(totals.items, createTotalsView(nameOfUser), 'There are no API keys.', totals)
}
