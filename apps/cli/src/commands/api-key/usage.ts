import type { UsageBucket, UsageTotal } from '@daytona-auth/sdk'
import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { UsageError } from '../../failure.ts'
import { instantCell, type View } from '../../view.ts'

export interface UsageOptions {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly granularity?: 'hour' | 'day' | undefined
  readonly user?: string | undefined
}

const BUCKETS: View<UsageBucket> = {
  columns: [
    ['Start', ({ start }) => instantCell(start)],
    ['Allowed', ({ allowed }) => allowed],
    ['Denied', ({ denied }) => denied],
  ],
  value: ({ allowed }) => String(allowed),
}

const TOTALS: View<UsageTotal> = {
  columns: [
    ['Name', ({ name }) => name],
    ['Status', ({ status }) => status],
    ['Allowed', ({ allowed }) => allowed],
    ['Denied', ({ denied }) => denied],
    ['Last used', ({ lastUsedAt }) => instantCell(lastUsedAt, 'never')],
    ['From', ({ lastUsedIp }) => lastUsedIp],
    ['Owner', ({ userId }) => userId],
  ],
  value: ({ name }) => name,
}

export async function showUsage(
  context: CommandContext,
  name: string | undefined,
  options: UsageOptions,
): Promise<void> {
  const { from, to, granularity, user } = options
  const span = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) }
  if (name !== undefined) {
    const unit = granularity !== undefined && { granularity }
    return showKeyUsage(context, name, { ...span, ...unit, ...(user !== undefined && { userId: user }) })
  }
  if (granularity !== undefined || user !== undefined) {
    throw new UsageError('--granularity and --user need the name of a key.')
  }
  return showTotals(context, span)
}

async function showKeyUsage(context: CommandContext, name: string, query: Record<string, string>) {
  const usage = await withApi(context, ({ client }) => client.apiKeys.usage(name, query))
  await context.output.list(usage.buckets, BUCKETS, 'There were no requests in this period.', usage)
  const { lastUsedAt, lastUsedIp } = usage
  context.output.note(lastUsedAt === null ? 'Never used.' : `Last used ${lastUsedAt} from ${lastUsedIp ?? '?'}.`)
}

async function showTotals(context: CommandContext, span: Record<string, string>) {
  const totals = await withApi(context, async ({ client, organizationId }) =>
    client.organizations.apiKeyUsage(await organizationId(), span),
  )
  await context.output.list(totals.items, TOTALS, 'There are no API keys.', totals)
}
