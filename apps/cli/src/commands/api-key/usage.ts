import type { UsageBucket, UsageTotal } from '@daytona-auth/sdk'
import { ask } from '../../api.ts'
import type { Call } from '../../cli.ts'
import { UsageError } from '../../failure.ts'
import { instant, type View } from '../../view.ts'

export interface UsageOptions {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly granularity?: 'hour' | 'day' | undefined
  readonly user?: string | undefined
}

const BUCKETS: View<UsageBucket> = {
  columns: [
    ['Start', ({ start }) => instant(start)],
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
    ['Last used', ({ lastUsedAt }) => instant(lastUsedAt, 'never')],
    ['From', ({ lastUsedIp }) => lastUsedIp],
    ['Owner', ({ userId }) => userId],
  ],
  value: ({ name }) => name,
}

export async function showUsage(call: Call, name: string | undefined, options: UsageOptions): Promise<void> {
  const { from, to, granularity, user } = options
  const span = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) }
  if (name !== undefined) {
    const unit = granularity !== undefined && { granularity }
    return ofOne(call, name, { ...span, ...unit, ...(user !== undefined && { userId: user }) })
  }
  if (granularity !== undefined || user !== undefined) {
    throw new UsageError('--granularity and --user are about one key: name it.')
  }
  return ofAll(call, span)
}

async function ofOne(call: Call, name: string, query: Record<string, string>) {
  const usage = await ask(call, ({ client }) => client.apiKeys.usage(name, query))
  await call.output.list(usage.buckets, BUCKETS, 'No request was counted in this time.', usage)
  const { lastUsedAt, lastUsedIp } = usage
  call.output.note(lastUsedAt === null ? 'It was never used.' : `Last used ${lastUsedAt} from ${lastUsedIp ?? '?'}.`)
}

async function ofAll(call: Call, span: Record<string, string>) {
  const totals = await ask(call, async ({ client, organizationId }) =>
    client.organizations.apiKeyUsage(await organizationId(), span),
  )
  await call.output.list(totals.items, TOTALS, 'There are no API keys.', totals)
}
