import type { Quota } from '@daytona-auth/sdk'
import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { openDashboard, organizationPage } from '../../dashboard.ts'
import type { View } from '../../view.ts'
import type { WebOption } from '../../web-option.ts'

const VIEW: View<Quota> = {
  columns: [
    ['Resource', ({ resource }) => resource],
    ['Used', ({ used }) => used],
    ['Maximum', ({ maximum }) => maximum],
  ],
  value: ({ resource }) => resource,
}

export async function listQuotas(context: CommandContext, { web }: WebOption): Promise<void> {
  if (web) return openDashboard(context, organizationPage('settings?tab=usage'))
  const quotas = await withApi(context, async ({ client, organizationId }) =>
    client.organizations.quotas(await organizationId()),
  )
  await context.output.list(quotas, VIEW, 'The organization has no quotas.')
}
